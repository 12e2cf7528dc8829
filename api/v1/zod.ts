/** Zod with the `.openapi()` method. Invariant: every schema of the API is made from this `z`, so that all can be named in the document. */
import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

extendZodWithOpenApi(z);

export { z };
