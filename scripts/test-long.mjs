/**
 * `npm run test:long`: the model test at length, 5,000,000 cases against the rules and 10,000 through the running workflow,
 * the outage of a CRM with 200 bookings, and the report's numbers of 500 other lives.
 * `MODEL_CASES`, `MODEL_WORKFLOW_CASES` and `MODEL_SEED` say otherwise. Takes an hour or more on two cores: rules and workflow side by side.
 */
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const jest = join(root, 'node_modules/jest/bin/jest.js');
const seed = String(Date.now() % 2 ** 31);
const env = {
  MODEL_CASES: '5000000',
  MODEL_WORKFLOW_CASES: '10000',
  OUTAGE_BOOKINGS: '200',
  MODEL_SEED: seed,
  REPORT_SEED: seed,
  ...process.env,
};
const { MODEL_CASES, MODEL_WORKFLOW_CASES, OUTAGE_BOOKINGS, MODEL_SEED } = env;
console.log(
  `${MODEL_CASES} cases by the rules, ${MODEL_WORKFLOW_CASES} by the workflow, seed ${MODEL_SEED}; an outage with ${OUTAGE_BOOKINGS} bookings`,
);
const child = spawn(
  process.execPath,
  [
    jest,
    'test/model',
    'test/workflows/crm-outage-of-many',
    'test/db/report-recount',
    '--selectProjects',
    'main',
    '--maxWorkers=2',
  ],
  {
    cwd: root,
    env,
    stdio: 'inherit',
  },
);
child.once('exit', (code) => (process.exitCode = code ?? 1));
