import * as fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { CustodianHealth, CustodianRestingError } from '../../src/gateway/custodian-health.ts';

const DOOR = '/ministry/graphql';
const failure = (code: string): Error => Object.assign(new Error('secret'), { code });
const RESET = failure('ECONNRESET');
const REFUSED = failure('ECONNREFUSED');

/** A custodian's health by a clock and dice of the test's own. */
function healthBy(random = 0) {
  const world = { now: 1_000_000, ready: true, probes: 0, log: '' };
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void (world.log += line) });
  const health = new CustodianHealth('ministry', { now: () => world.now, random: () => random, log });
  let requests = 0;
  const fail = (viewer: string, cause = RESET, door = DOOR): void => {
    health.failed({ door, viewer, requestId: `r${(requests += 1)}` }, cause);
  };
  const failForThree = (): void => {
    fail('a');
    fail('b');
    world.now += 1_000;
    fail('c');
  };
  const isAdmitted = (): Promise<boolean> =>
    health
      .admit(async () => {
        world.probes += 1;
        return world.ready;
      })
      .then(
        () => true,
        (cause: unknown) => {
          if (!(cause instanceof CustodianRestingError)) throw cause;
          return false;
        },
      );
  return { world, health, fail, failForThree, isAdmitted };
}

describe('a custodian is left alone', () => {
  test('after failures for three viewers, is then asked once whether it is ready, and asked again where it is', async () => {
    const { world, health, failForThree, isAdmitted } = healthBy();
    expect([health.condition, health.retryAfter, await isAdmitted()]).toEqual(['ASKED', undefined, true]);
    failForThree();
    expect([health.condition, health.retryAfter, await isAdmitted()]).toEqual(['LEFT_ALONE', 1, false]);
    world.now += 999;
    expect(await isAdmitted()).toBe(false);
    world.now += 1;
    expect(await Promise.all([isAdmitted(), isAdmitted(), isAdmitted()])).toEqual([true, false, false]);
    expect([world.probes, health.condition, await isAdmitted()]).toEqual([1, 'ASKED', true]);
  });

  test('for longer each time, up to half a minute, until there is a usable answer, and the operator hears of it once', async () => {
    const { world, health, failForThree, isAdmitted } = healthBy();
    const rests: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      failForThree();
      rests.push(health.retryAfter ?? 0);
      world.now += 30_000;
      expect(await isAdmitted()).toBe(true);
    }
    expect(rests).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(world.log.match(/left alone for a while/gu)).toHaveLength(1);
    expect(world.log).toContain('"code":"ECONNRESET"');
    expect(world.log).not.toContain('secret');
    health.answered({ door: DOOR });
    health.answered({ door: DOOR });
    expect(world.log.match(/answers again/gu)).toHaveLength(1);
    failForThree();
    expect(health.retryAfter).toBe(1);
  });

  test('on while it is not ready, without a request of anybody’s', async () => {
    const { world, health, failForThree, isAdmitted } = healthBy();
    failForThree();
    world.ready = false;
    world.now += 1_000;
    expect(await isAdmitted()).toBe(false);
    expect([health.retryAfter, world.probes]).toEqual([2, 1]);
    expect(await isAdmitted()).toBe(false);
    expect(world.probes).toBe(1);
  });

  test('where nobody gets a connection, whoever asks', () => {
    const { world, health, fail } = healthBy();
    for (let n = 0; n < 3; n += 1) fail('a', REFUSED);
    world.now += 1_000;
    fail('a', REFUSED);
    expect(health.condition).toBe('LEFT_ALONE');
  });

  test('not for a moment’s halt, however many it befalls', () => {
    const { world, health, fail } = healthBy();
    for (let n = 0; n < 500; n += 1) fail(`viewer-${n}`);
    world.now += 999;
    fail('another');
    expect(health.condition).toBe('ASKED');
    health.answered({ door: DOOR });
    world.now += 1;
    fail('another');
    expect(health.condition).toBe('ASKED');
  });

  test('not for several failures of one request', () => {
    const { world, health } = healthBy();
    for (let n = 0; n < 9; n += 1) {
      health.failed({ door: DOOR, viewer: 'a', requestId: 'r' }, REFUSED);
      world.now += 1_000;
    }
    expect(health.condition).toBe('ASKED');
  });

  test('not while one door answers because of another, nor for failures that an answer lies between', () => {
    const { world, health, fail } = healthBy();
    const later = (...failure: Parameters<typeof fail>): void => {
      world.now += 1_000;
      fail(...failure);
    };
    later('a');
    later('b', RESET, '/access');
    later('c', RESET, '/access');
    health.answered({ door: DOOR });
    later('b');
    later('c');
    expect(health.condition).toBe('ASKED');
    health.answered({ door: '/access' });
    later('a');
    expect(health.condition).toBe('LEFT_ALONE');
  });
});

test('one viewer’s requests, or two viewers’, leave nobody without the custodian, whatever comes of them', () => {
  const causes = fc.constantFrom(RESET, failure('UND_ERR_ABORTED'), new DOMException('x', 'TimeoutError'), 'odd');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), causes), { maxLength: 60 }), (failures) => {
      const { world, health, fail } = healthBy();
      for (const [viewer, cause] of failures) {
        fail(viewer, cause as Error);
        world.now += 700;
      }
      expect(health.condition).toBe('ASKED');
    }),
  );
});

test('a rest is as long as it may be, or shorter by up to a half', async () => {
  const ratio = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  await fc.assert(
    fc.asyncProperty(ratio, fc.nat({ max: 12 }), async (random, earlier) => {
      const { world, health, failForThree, isAdmitted } = healthBy(random);
      for (let n = 0; n < earlier; n += 1) {
        failForThree();
        world.now += 30_000;
        expect(await isAdmitted()).toBe(true);
      }
      failForThree();
      const longest = Math.min(30, 2 ** earlier);
      expect(health.retryAfter).toBeGreaterThanOrEqual(longest / 2);
      expect(health.retryAfter).toBeLessThanOrEqual(longest);
    }),
  );
});
