import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type Page, type Request, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { federation } from './harness.ts';

const CHROMIUM = '/usr/bin/chromium';
const installed = existsSync(CHROMIUM);
if (!installed)
  console.warn(`The console is not tested in a browser: ${CHROMIUM} is missing (apt-get install chromium).`);

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];
const QUERY =
  'query Names { missingPersonReports(filter: { reference: "R-2014-00002" }) { nodes { name { asWritten } } } ' +
  'identificationDecisions(first: 1) { nodes { notification { status } } } }';
const NAME = 'خالد بلال العبد الله';

describe.skipIf(!installed)('the console in a browser', () => {
  const origin = federation.gateway;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let requested: string[];
  let complaints: string[];
  let asked: Request[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    asked = [];
    requested = [];
    complaints = [];
    context = await browser.newContext();
    context.on('request', (request) => {
      requested.push(request.url());
      const isOperation = request.url() === `${origin}/graphql` && !(request.postData() ?? '').includes('__schema');
      if (isOperation) asked.push(request);
    });
    context.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    context.setDefaultTimeout(10_000);
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(origin);
    await page.locator('.graphiql-query-editor .view-lines').waitFor();
  });

  afterEach(() => context.close());

  const openSignIn = async (): Promise<Page> => {
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#sign-in')]);
    await popup.locator('button[name=person]').first().waitFor();
    return popup;
  };

  const signInAs = async (person: string): Promise<void> => {
    const popup = await openSignIn();
    await Promise.all([popup.waitForEvent('close'), popup.click(`button[value=${person}]`)]);
    await page.getByText('Signed in as').waitFor();
  };

  const run = async (query = QUERY): Promise<void> => {
    const name = /query (\w+)/u.exec(query)?.[1] ?? '';
    const set = `monaco.editor.getModels().find((model) => model.uri.path.includes('operation')).setValue(${JSON.stringify(query)})`;
    await page.evaluate(set);
    await page.getByRole('tab', { name }).waitFor();
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('Control+Enter');
  };

  it('asks as who signed in, for the purpose chosen, and shows what was withheld, by whom, and whom to ask', async () => {
    await signInAs('analyst');
    expect(await page.locator('#viewer').innerText()).toBe('Signed in as Lina Darwish لينا درويش');
    await page.getByLabel('Purpose').selectOption('IDENTIFICATION');
    await page.getByLabel('File reference').fill('A-17 "b"');
    await run();
    const text = page.locator('#report');
    await text.getByText('Withheld by missing').waitFor();
    const operation = asked.at(-1);
    expect(operation?.headers()['amana-purpose']).toBe(String.raw`IDENTIFICATION; ref="A-17 \"b\""`);
    expect(operation?.postDataJSON()).toMatchObject({ query: QUERY });
    const shown = await text.innerText();
    expect(shown).toContain('missing: answered');
    expect(shown).toContain('IdentificationDecision.notification: you hold no grant for it');
    expect(shown).toContain('needs missing:family');
    expect(shown).toContain('Ask records@missing.example');
    await page.locator('.result-window').getByText(NAME).waitFor();
    expect(complaints).toEqual([]);
  });

  it('keeps neither query nor token, and speaks to nobody but the gateway and the provider', async () => {
    await signInAs('analyst');
    await page.getByLabel('Purpose').selectOption('RESEARCH');
    await run();
    await page.getByText('Withheld by missing').waitFor();
    const kept = await page.evaluate(`(async () => ({
      local: Object.keys(localStorage), session: Object.keys(sessionStorage), cookies: document.cookie,
      databases: await indexedDB.databases(), caches: await caches.keys(), address: location.href,
      globals: Object.values(window).filter((value) => typeof value === 'string' && value.startsWith('ey')),
    }))()`);
    const nothing = {
      local: [],
      session: [],
      cookies: '',
      databases: [],
      caches: [],
      globals: [],
      address: `${origin}/`,
    };
    expect(kept).toEqual(nothing);
    const elsewhere = requested.filter((url) => !/^(data|blob):/u.test(url)).map((url) => new URL(url).origin);
    expect(new Set(elsewhere)).toEqual(new Set([origin, federation.issuer]));
  });

  it('asks nothing before somebody has signed in and said what for', async () => {
    await run();
    await page.locator('.result-window').getByText('Sign in').waitFor();
    await signInAs('journalist');
    await run();
    await page.locator('.result-window').getByText('Choose what').waitFor();
    await page.getByLabel('Purpose').selectOption('RESEARCH');
    await page.getByLabel('File reference').fill('ملف');
    await run();
    await page.locator('.result-window').getByText('Latin letters').waitFor();
    expect(asked).toEqual([]);
  });

  it('forgets who was there on signing out, and lets the provider ask again', async () => {
    await signInAs('analyst');
    await page.getByLabel('Purpose').selectOption('IDENTIFICATION');
    await run();
    await page.getByText('Withheld by missing').waitFor();
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Sign out' }).click()]);
    expect(await page.locator('#viewer').innerText()).toBe('Not signed in');
    expect(await page.locator('body').innerText()).not.toContain(NAME);
    await page.locator('.graphiql-query-editor .view-lines').waitFor();
    await signInAs('archivist-a');
    expect(await page.locator('#viewer').innerText()).toContain('Rami Saleh');
  });

  it('offers to renew a sign-in to the same person only, and takes everything off the screen when it has run out', async () => {
    await page.clock.install();
    await page.reload();
    await page.locator('.graphiql-query-editor .view-lines').waitFor();
    await signInAs('analyst');
    await page.getByLabel('Purpose').selectOption('IDENTIFICATION');
    await run();
    await page.locator('.result-window').getByText(NAME).waitFor();
    const again = page.getByRole('button', { name: 'Sign in again' });
    const renewAs = async (person: string): Promise<void> => {
      const [popup] = await Promise.all([page.waitForEvent('popup'), again.click()]);
      await Promise.all([popup.waitForEvent('close'), popup.click(`button[value=${person}]`)]);
    };
    await page.clock.fastForward('56:00');
    await renewAs('journalist');
    await page.getByText('Sign out first').waitFor();
    await renewAs('analyst');
    await again.waitFor({ state: 'hidden' });
    await page.clock.fastForward('04:01');
    expect(await page.locator('#viewer').innerText()).toContain('Signed in as Lina Darwish');
    await Promise.all([page.waitForEvent('load'), page.clock.fastForward('01:00:00')]);
    await page.getByText('Your sign-in has ended').waitFor();
    expect(await page.locator('#viewer').innerText()).toBe('Not signed in');
    expect(await page.locator('body').innerText()).not.toContain(NAME);
    expect(page.url()).toBe(`${origin}/`);
  });

  it('shows a refusal in words', async () => {
    await signInAs('journalist');
    await page.getByLabel('Purpose').selectOption('RESEARCH');
    await run('query Refused { missingPersonReports(filter: { reference: "R-2014-00002" }) { totalCount } }');
    await page.locator('#report').getByText('FILTER_WITHHELD').waitFor();
    expect(await page.locator('#report').innerText()).toContain('Leave it out, or ask the custodian');
  });

  it('says so when sign-in is cancelled or its window closed', async () => {
    const popup = await openSignIn();
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Sign-in was cancelled').waitFor();
    await (await openSignIn()).close();
    await page.getByText('window was closed').waitFor();
    expect(await page.locator('#viewer').innerText()).toBe('Not signed in');
  });

  it('takes no answer to a sign-in that it did not begin, and leaves no code in the address', async () => {
    const popup = await openSignIn();
    const stranger = await context.newPage();
    await stranger.goto(`${origin}/signed-in?code=stolen&state=guessed`);
    expect(stranger.url()).toBe(`${origin}/signed-in`);
    await stranger.getByText('No console was waiting').waitFor();
    await popup.click('button[value=analyst]');
    await page.getByText('Signed in as').waitFor();
  });

  it('can be used with the keyboard', async () => {
    await page.locator('#purpose').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#purpose').inputValue()).not.toBe('');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('reference');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('sign-in');
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')]);
    await popup.locator('button[name=person]').first().focus();
    await Promise.all([popup.waitForEvent('close'), popup.keyboard.press('Enter')]);
    await page.getByText('Signed in as').waitFor();
  });

  it('takes no query from its address', async () => {
    await page.goto(`${origin}/?query=query%20Planted%20%7B__typename%7D`);
    await page.locator('.graphiql-query-editor .view-lines').waitFor();
    expect(await page.locator('#graphiql').innerText()).not.toContain('Planted');
    expect(page.url()).toBe(`${origin}/`);
  });
});
