/**
 * Connections to Temporal, by its standard TEMPORAL_* variables and profiles: self-hosted, Temporal Cloud and the embedded server alike.
 * Invariant: an address or namespace in our own environment wins over a profile; without either it is the embedded server's port.
 */
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { temporal } from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { searchAttributes } from '../workflows/contract';
import type { Environment } from './environment';

const DAY_MS = 86_400_000;
/** google.rpc.Code: who may not do it, or where it does not exist. Temporal Cloud manages namespaces elsewhere. */
const GRPC = { alreadyExists: 6, permissionDenied: 7, unimplemented: 12 } as const;

export type TemporalSettings = Pick<
  Environment,
  'temporalAddress' | 'temporalNamespace' | 'temporalPort' | 'variables'
>;

function connectSettings(environment: TemporalSettings) {
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: { ...environment.variables } });
  return {
    options: {
      ...connectionOptions,
      address: environment.temporalAddress ?? connectionOptions.address ?? `127.0.0.1:${environment.temporalPort}`,
    },
    namespace: temporalNamespace(environment, namespace),
  };
}

const temporalNamespace = (environment: TemporalSettings, ofProfile: string | undefined): string =>
  environment.temporalNamespace ?? ofProfile ?? 'default';

/** Connects now; throws when the server does not answer. The caller closes `client.connection`. */
export async function connectTemporalClient(environment: TemporalSettings): Promise<Client> {
  const { options, namespace } = connectSettings(environment);
  return new Client({ connection: await Connection.connect(options), namespace });
}

/** For workers. Connects now; throws when the server does not answer. Its namespace is `temporalNamespaceOf(environment)`. */
export async function connectTemporalWorker(environment: TemporalSettings): Promise<NativeConnection> {
  return NativeConnection.connect(connectSettings(environment).options);
}

/** The namespace that clients use, for `Worker.create`. */
export function temporalNamespaceOf(environment: TemporalSettings): string {
  return connectSettings(environment).namespace;
}

const { IndexedValueType } = temporal.api.enums.v1;
const INDEXED_TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  KEYWORD_LIST: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
} as const satisfies Partial<Record<string, temporal.api.enums.v1.IndexedValueType>>;

/**
 * Registers the search attributes that workflows set; those that are there already are left alone. Throws when one has another type.
 * `refused`: the server does not let us (Temporal Cloud); they must be made in its console or with its CLI before workflows run.
 */
export async function registerSearchAttributes(client: Client): Promise<{ added: string[]; refused: string[] }> {
  const { operatorService } = client.connection;
  const { namespace } = client.options;
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = missingAttributes(customAttributes);
    const added = Object.keys(missing);
    if (added.length > 0) await operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
    return { added, refused: [] };
  } catch (error) {
    const code = isGrpcServiceError(error) ? error.code : null;
    // Another starter was faster.
    if (code === GRPC.alreadyExists) return { added: [], refused: [] };
    if (code !== GRPC.permissionDenied && code !== GRPC.unimplemented) throw error;
    return { added: [], refused: Object.keys(searchAttributes) };
  }
}

type IndexedType = temporal.api.enums.v1.IndexedValueType;

function missingAttributes(there: Readonly<Record<string, IndexedType>>): Record<string, IndexedType> {
  const missing: Record<string, IndexedType> = {};
  for (const { name, type } of Object.values(searchAttributes)) {
    const found = there[name];
    if (found === undefined) missing[name] = INDEXED_TYPES[type];
    else if (found !== INDEXED_TYPES[type]) {
      throw new Error(
        `Search attribute ${name} exists with type ${IndexedValueType[found]}. Expected ${type}: remove it, or use another namespace.`,
      );
    }
  }
  return missing;
}

/** Keeps closed workflows for at least that long, where the server lets us. False: it keeps its own, possibly shorter time. */
export async function ensureNamespaceRetention(client: Client, days = 90): Promise<boolean> {
  const { namespace } = client.options;
  try {
    const described = await client.workflowService.describeNamespace({ namespace });
    const retention = described.config?.workflowExecutionRetentionTtl;
    if (retention != null && tsToMs(retention) >= days * DAY_MS) return true;
    await client.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(days * DAY_MS) },
    });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error)) return false;
    throw error;
  }
}
