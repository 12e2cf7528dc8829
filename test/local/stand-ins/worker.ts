/** Stands in for the worker in tests of the stack: says that it is ready and stays. `STAND_IN_WORKER=fails` makes it give up. */
const end = (): void => process.exit(0);
process.on('SIGTERM', end).on('disconnect', end);

if (process.env.STAND_IN_WORKER === 'fails') {
  process.stderr.write('no such task queue\n');
  process.exit(3);
}
process.stdout.write(`${JSON.stringify({ level: 'info', msg: 'worker ready' })}\n`);
setInterval(() => undefined, 60_000);

export {};
