// The shapes of docs/api.md, and nothing else. Times are RFC 3339 texts.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface List<T> {
    items: T[];
    next: string | null;
}

export interface Problem {
    type: string;
    title: string;
    status: number;
    detail?: string;
    instance?: string;
}

export interface User {
    name: string;
    roles: string[];
}

export interface Session {
    user: User;
    csrf: string;
}

export interface FlowName {
    namespace: string;
    name: string;
    version: string;
    title?: string | null;
    digest?: string;
}

export interface Flow extends FlowName {
    summary?: string | null;
    triggers: string[];
    runs: { total: number; active: number; faulted: number };
    warnings?: number;
}

export interface FlowTask {
    reference: string;
    name: string;
    kind: string;
    operation?: string | null;
}

export interface FlowDetail extends Flow {
    source: string;
    definition: Json;
    tasks: FlowTask[];
}

export const runStatuses = [
    'pending',
    'running',
    'waiting',
    'suspended',
    'faulted',
    'cancelled',
    'completed',
] as const;
export type RunStatus = (typeof runStatuses)[number];

export type TaskStatus = Exclude<RunStatus, 'pending'> | 'skipped' | 'inDoubt' | 'retrying';

export interface RunTask {
    reference: string;
    name: string;
    kind: string;
    operation?: string | null;
    status: TaskStatus;
    startedAt?: string | null;
    endedAt?: string | null;
    tries?: number;
    iteration?: number | null;
    frame: number;
    depth: number;
    input?: Json;
    output?: Json;
    request?: Json;
    error?: Problem | null;
    work?: string | null;
    dueAt?: string | null;
}

export interface Doubt {
    frame: number;
    reference: string;
    name: string;
    operation: string;
    key: string;
    since: string;
    tries: number;
    request: Json;
}

export interface RunRow {
    id: string;
    flow: FlowName;
    status: RunStatus;
    startedAt: string | null;
    endedAt: string | null;
    trigger?: Json;
    error?: Problem | null;
    /** In lists whether it is; in the run itself what is known of each call. */
    inDoubt: null | boolean | Doubt[];
    wakesAt?: string | null;
}

export function isInDoubt(run: RunRow): boolean {
    return Array.isArray(run.inDoubt) ? run.inDoubt.length > 0 : run.inDoubt === true;
}

export interface Run extends RunRow {
    inDoubt: null | Doubt[];
    input: Json;
    output: Json;
    tasks: RunTask[];
}

export interface JournalRecord {
    number: number;
    position?: number;
    kind: string;
    at: string;
    actor: string | null;
    task?: { reference: string; name: string } | null;
    frame?: number;
    count?: number;
    dueAt?: string | null;
    note?: Json;
    data?: Json;
    /** It had data, which was erased. */
    erased?: boolean;
    hash: string;
}

export type WorkState = 'open' | 'taken' | 'done' | 'withdrawn';

export interface Work {
    id: string;
    run: string;
    flow: FlowName;
    task: { reference: string; name: string };
    kind: 'decide' | 'task';
    state: WorkState;
    title: string;
    role: string | null;
    claimedBy: string | null;
    offeredAt: string;
    dueAt: string | null;
    endedAt: string | null;
    overdue: boolean;
}

export interface Decision {
    outcome: string | null;
    by: string;
    at: string;
    reason: string | null;
    data: Json;
}

export interface WorkDetail extends Work {
    data: Json;
    outcomes: string[] | null;
    description?: string | null;
    /** Always, never, or with these outcomes. */
    reasonRequired: boolean | string[];
    legalBasis?: string | string[] | null;
    decision?: Decision | null;
}

export interface Overview {
    runs: Record<RunStatus | 'inDoubt', number>;
    work: { open: number; taken: number; overdue: number };
    throughput: { at: string; started: number; completed: number; faulted: number }[];
    journal: { records: number; lastNumber: number; full: boolean };
    version: string;
}

export interface Operation {
    name: string;
    help: string;
    helpGerman: string;
    input: Json;
    output: Json;
    traits: string[];
    sample?: string | null;
}

export interface Connector {
    name: string;
    help: string;
    helpGerman: string;
    operations: Operation[];
}
