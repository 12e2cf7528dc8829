/** Is Temporal there, with our namespace and search attributes? Invariant: changes nothing. */
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { connectTemporalClient, type TemporalSettings } from '../config/temporal';
import { searchAttributes } from '../workflows/contract';
import { codeOf, note, ok, problem, type CheckLine } from './check-line';

const SUBJECT = 'temporal';
const TIME_LIMIT_MS = 10_000;
/** google.rpc.Code */
const GRPC = { notFound: 5, permissionDenied: 7, unimplemented: 12 } as const;

export async function checkTemporal(settings: TemporalSettings): Promise<CheckLine[]> {
  let client: Client;
  try {
    client = await connectTemporalClient(settings);
  } catch (error) {
    const remedy = 'check that the server runs and that TEMPORAL_ADDRESS (and its TLS or API key) is right';
    return [problem(SUBJECT, `does not answer (${codeOf(error)}); ${remedy}`)];
  }
  try {
    return await client.withDeadline(Date.now() + TIME_LIMIT_MS, () => checkNamespace(client));
  } finally {
    await client.connection.close();
  }
}

async function checkNamespace(client: Client): Promise<CheckLine[]> {
  const { namespace } = client.options;
  try {
    await client.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (grpcCodeOf(error) === GRPC.notFound) {
      const remedy = 'make it with `temporal operator namespace create`, or set TEMPORAL_NAMESPACE to another one';
      return [problem(SUBJECT, `answers, but has no namespace "${namespace}"; ${remedy}`)];
    }
    return [problem(SUBJECT, `answers, but does not let us into namespace "${namespace}" (${errorCode(error)})`)];
  }
  return [ok(SUBJECT, `answers, namespace "${namespace}" is there`), await checkSearchAttributes(client)];
}

const ATTRIBUTES_SUBJECT = 'temporal search attributes';

async function checkSearchAttributes(client: Client): Promise<CheckLine> {
  const { IndexedValueType } = temporal.api.enums.v1;
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
      namespace: client.options.namespace,
    });
    const wrong = Object.values(searchAttributes).filter(
      ({ name, type }) => customAttributes[name] !== IndexedValueType[`INDEXED_VALUE_TYPE_${type}`],
    );
    if (wrong.length === 0) return ok(ATTRIBUTES_SUBJECT, 'all registered');
    const list = wrong.map(({ name, type }) => `${name} (${type})`).join(', ');
    return problem(
      ATTRIBUTES_SUBJECT,
      `missing, or of another type: ${list}; the worker registers what is missing when it starts and is allowed to`,
    );
  } catch (error) {
    const code = grpcCodeOf(error);
    // Temporal Cloud shows them in its console only.
    if (code === GRPC.permissionDenied || code === GRPC.unimplemented) {
      const names = Object.keys(searchAttributes).join(', ');
      return note(ATTRIBUTES_SUBJECT, `can't be listed here; check in the server's console that these exist: ${names}`);
    }
    return problem(ATTRIBUTES_SUBJECT, `can't be listed (${errorCode(error)}); try again`);
  }
}

function grpcCodeOf(error: unknown): number | null {
  return isGrpcServiceError(error) ? error.code : null;
}

function errorCode(error: unknown): string {
  const code = grpcCodeOf(error);
  return code === null ? codeOf(error) : `gRPC ${code}`;
}
