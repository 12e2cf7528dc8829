/** The simulators without their state file, which would cost time of the disk that PostgreSQL is measured on. */
delete process.env.SIMULATORS_STATE_DIR;
void import('../local/simulators/main');
