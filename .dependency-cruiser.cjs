/**
 * The arrows of ARCHITECTURE.md, enforced: which folder may import which, and which packages.
 * That zod never reaches workflow code follows from them: workflows' values come only from domain and @temporalio, and domain imports nothing.
 */
const folder = (name) => `^${name}/`;
const npm = (name) => `node_modules/(@types/)?${name}(/|$)`;

/** Values and types. `builtins`: Node's own modules are allowed. `packages: null`: any production dependency is. */
const layers = {
  domain: { ours: ['domain'], packages: [], builtins: false },
  workflows: {
    ours: ['domain', 'workflows'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    builtins: false,
  },
  integrations: {
    ours: ['domain', 'integrations'],
    packages: ['zod', 'luxon', 'libphonenumber-js', 'nodemailer', 'ical-generator'],
    builtins: true,
  },
  db: { ours: ['domain', 'db'], packages: ['pg', 'node-pg-migrate'], builtins: true },
  config: { ours: ['domain', 'config'], packages: null, builtins: true },
  activities: {
    ours: ['domain', 'db', 'integrations', 'activities'],
    packages: ['@temporalio/activity', '@temporalio/common'],
    builtins: true,
  },
  api: {
    ours: ['domain', 'db', 'integrations', 'config', 'workflows/contract.ts', 'api'],
    packages: null,
    builtins: true,
  },
  worker: {
    ours: ['domain', 'db', 'integrations', 'config', 'activities', 'workflows/contract.ts', 'worker'],
    packages: null,
    builtins: true,
  },
};

const ours = (name) => (name.endsWith('.ts') ? `^${name}$` : folder(name));

function layerRule([name, { ours: allowed, packages, builtins }]) {
  const isTypeException = name === 'workflows';
  return {
    name: `${name}-imports`,
    comment: `${name}/ may import only: ${[...allowed, ...(packages ?? ['any production package'])].join(', ') || 'nothing'}`,
    severity: 'error',
    from: { path: folder(name) },
    to: {
      pathNot: [
        ...allowed.map(ours),
        ...(packages === null ? ['node_modules/'] : packages.map(npm)),
        ...(isTypeException ? [folder('activities')] : []),
      ],
      ...(builtins ? { dependencyTypesNot: ['core'] } : {}),
    },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(layers).map(layerRule),
    {
      name: 'workflows-take-only-types-from-activities',
      comment: 'an activity in the workflow bundle brings its database and network code along',
      severity: 'error',
      from: { path: folder('workflows') },
      to: { path: folder('activities'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'integrations-take-only-types-from-domain',
      comment: 'an adapter translates; what follows from a fact is decided elsewhere',
      severity: 'error',
      from: { path: folder('integrations') },
      to: { path: folder('domain'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'vendors-do-not-know-each-other',
      severity: 'error',
      from: { path: '^integrations/([^/]+)/' },
      to: { path: '^integrations/[^/]+/', pathNot: '^integrations/$1/' },
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
