/**
 * The arrows of ARCHITECTURE.md, enforced: which folder may import which, and which packages.
 * That zod never reaches workflow code follows from them: workflows' values come only from domain and @temporalio, and domain imports nothing.
 */
const folder = (name) => `^${name}/`;
const npm = (name) => `node_modules/(@types/)?${name}(/|$)`;

/**
 * `ours` and `packages`: what a folder may import. `types`: what it may import as types only.
 * `packages: null`: any production package. `builtins`: Node's own modules too.
 */
const layers = {
  domain: { ours: ['domain'], packages: [], builtins: false },
  workflows: {
    ours: ['domain', 'workflows'],
    // An activity in the workflow bundle would bring its database and network code along.
    types: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    builtins: false,
  },
  integrations: {
    // An adapter translates; what follows from a fact is decided elsewhere.
    ours: ['integrations', 'domain/assert-never.ts'],
    types: ['domain'],
    packages: ['zod', 'luxon', 'libphonenumber-js', 'nodemailer', 'ical-generator', '@slack/webhook'],
    builtins: true,
  },
  db: { ours: ['domain', 'db'], packages: ['pg', 'node-pg-migrate'], builtins: true },
  config: { ours: ['domain', 'config', 'workflows/contract.ts'], packages: null, builtins: true },
  activities: {
    ours: ['domain', 'db', 'integrations', 'activities'],
    types: ['node_modules/pg'],
    packages: ['@temporalio/activity', '@temporalio/common'],
    builtins: true,
  },
  api: {
    ours: ['domain', 'db', 'integrations', 'config', 'workflows/contract.ts', 'api'],
    packages: null,
    builtins: true,
  },
  cli: {
    ours: ['domain', 'db', 'integrations', 'config', 'workflows/contract.ts', 'cli'],
    packages: null,
    builtins: true,
  },
  worker: {
    ours: ['domain', 'db', 'integrations', 'config', 'activities', 'workflows/contract.ts', 'worker'],
    packages: null,
    builtins: true,
  },
};

/** Programs put parts of all folders together; the folder's rule is about the rest of it. */
const programs = ['^db/main\\.ts$', '^cli/main\\.ts$', '^cli/program\\.ts$'];

const ours = (name) =>
  name.startsWith('node_modules/')
    ? npm(name.slice('node_modules/'.length))
    : name.endsWith('.ts')
      ? `^${name}$`
      : folder(name);

function layerRules([name, { ours: allowed, types = [], packages, builtins }]) {
  const words = [...allowed, ...(packages ?? ['any production package']), ...types.map((one) => `types of ${one}`)];
  return [
    {
      name: `${name}-imports`,
      comment: `${name}/ may import only: ${words.join(', ')}`,
      severity: 'error',
      from: { path: folder(name), pathNot: programs },
      to: {
        pathNot: [...[...allowed, ...types].map(ours), ...(packages === null ? ['node_modules/'] : packages.map(npm))],
        ...(builtins ? { dependencyTypesNot: ['core'] } : {}),
      },
    },
    ...types.map((type) => ({
      name: `${name}-take-only-types-from-${type.replace('node_modules/', '')}`,
      severity: 'error',
      from: { path: folder(name), pathNot: programs },
      to: { path: ours(type), pathNot: allowed.map(ours), dependencyTypesNot: ['type-only'] },
    })),
  ];
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(layers).flatMap(layerRules),
    {
      name: 'vendors-do-not-know-each-other',
      severity: 'error',
      from: { path: '^integrations/([^/]+)/' },
      to: { path: '^integrations/[^/]+/', pathNot: '^integrations/$1/' },
    },
    {
      name: 'pages-are-functions-of-what-they-show',
      comment:
        'api/pages/views/ is markup: it may import rules, zone data, and types of what it shows; no database, no express',
      severity: 'error',
      from: { path: '^api/pages/views/' },
      to: {
        pathNot: ['^api/pages/views/', '^domain/', '^config/zones\\.ts$', npm('(preact|preact-render-to-string|htm)')],
        dependencyTypesNot: ['type-only'],
      },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unknown-modules', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'production-packages-only',
      comment: 'what is deployed must not need a devDependency',
      severity: 'error',
      from: { path: Object.keys(layers).map(folder) },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    exclude: { path: '^(\\.cache|\\.data|dist|coverage)/' },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['require', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
};
