/** Stands in for the simulators in tests of the stack: says that it is ready and stays. */
const end = (): void => process.exit(0);
process.on('SIGTERM', end).on('disconnect', end);
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
setInterval(() => undefined, 60_000);

export {};
