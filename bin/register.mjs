// Lets Node run the TypeScript sources, wherever they are started from: types are left out, decorators written out with
// the metadata that type-graphql reads, and all else stays as it is, private members above all.
import { readFileSync } from 'node:fs';
import { registerHooks, setSourceMapsSupport } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'oxc-transform';

const HELPERS = '@oxc-project/runtime/';
const OPTIONS = {
  lang: 'ts',
  sourceType: 'module',
  target: 'es2024',
  sourcemap: true,
  // As tsconfig.json has it: `verbatimModuleSyntax`, `useDefineForClassFields: false`, `emitDecoratorMetadata`.
  typescript: { onlyRemoveTypeImports: true, removeClassFieldsWithoutInitializer: true },
  decorator: { legacy: true, emitDecoratorMetadata: true },
};

setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
registerHooks({
  // A partner's own sources have no helpers beside them.
  resolve: (specifier, context, next) =>
    next(specifier, specifier.startsWith(HELPERS) ? { ...context, parentURL: import.meta.url } : context),
  load(url, context, next) {
    if (!/^file:[^?#]*\.ts(?:[?#]|$)/u.test(url)) return next(url, context);
    const file = fileURLToPath(url);
    const { code, map, errors } = transformSync(file, readFileSync(file, 'utf8'), OPTIONS);
    const [fault] = errors;
    if (fault) throw new SyntaxError(`${file}: ${fault.message}\n${fault.codeframe ?? ''}`);
    const sourceMap = Buffer.from(JSON.stringify(map)).toString('base64');
    const source = `${code}\n//# sourceMappingURL=data:application/json;base64,${sourceMap}`;
    return { format: 'module', source, shortCircuit: true };
  },
});
