import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createResolve, load } from '@oxc-node/core';

// Imported first, it lets a process run this package's TypeScript, whose decorators Node itself does not read. The
// package's own registration does so for all that is imported, in a thread of its own: a third of each start's time.
const isTypeScript = (url) => url.endsWith('.ts');
// Read from the working directory where it is not said, which may be anywhere.
process.env.OXC_TSCONFIG_PATH ??= fileURLToPath(new URL('../tsconfig.json', import.meta.url));

registerHooks({
  resolve: (specifier, context, next) =>
    isTypeScript(specifier) ? createResolve({}, specifier, context, next) : next(specifier, context),
  load: (url, context, next) => (isTypeScript(url) ? load(url, context, next) : next(url, context)),
});
process.setSourceMapsEnabled(true);
