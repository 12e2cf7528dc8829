/** The database that global-setup.ts migrates and every test copies. Nobody may stay connected to it. */
export const TEMPLATE_DATABASE = 'booksync_template';
