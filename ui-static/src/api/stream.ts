// What changes on the server, as it changes. Happy path: one EventSource, events handed to who listens.
// When the line breaks, the browser tries again by itself and goes on after the last event; when it gives up
// (the server answered something else), we wait, ask whether the session still stands, and begin anew. After
// each gap that may have lost events everybody fetches again.
import { store } from '../state/store';
import { get } from './client';

export interface RunEvent {
    id: string;
    status: string;
    flow: string;
    inDoubt: boolean;
    kinds: string[];
}

export interface WorkEvent {
    id: string;
    state: string;
    role: string | null;
    run: string;
}

export type Change = { of: 'run'; event: RunEvent } | { of: 'work'; event: WorkEvent } | { of: 'gap' };

export type Line = 'idle' | 'open' | 'lost';
export const line = store<Line>('idle');

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

const listeners = new Set<(change: Change) => void>();
let source: EventSource | null = null;
let pauseMs = FIRST_PAUSE_MS;
let timer: number | undefined;
let isWanted = false;

export function listen(listener: (change: Change) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

function tell(change: Change): void {
    for (const listener of [...listeners]) {
        listener(change);
    }
}

function read(message: Event): unknown {
    return JSON.parse((message as MessageEvent<string>).data);
}

function connect(): void {
    const next = new EventSource('/api/v1/stream');
    source = next;
    next.addEventListener('open', () => {
        pauseMs = FIRST_PAUSE_MS;
        const hadGap = line.get() === 'lost';
        line.set('open');
        if (hadGap) {
            tell({ of: 'gap' });
        }
    });
    next.addEventListener('run', (message) => tell({ of: 'run', event: read(message) as RunEvent }));
    next.addEventListener('work', (message) => tell({ of: 'work', event: read(message) as WorkEvent }));
    next.addEventListener('error', () => {
        line.set('lost');
        if (next.readyState === EventSource.CLOSED && source === next) {
            beginAnewLater();
        }
    });
}

function beginAnewLater(): void {
    timer = window.setTimeout(() => {
        // A session that ran out answers 401 here, and the client asks for the password.
        get('/api/v1/session').then(connectIfWanted, beginAnewIfWanted);
    }, pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
}

// Both may come after everybody has signed out.

function connectIfWanted(): void {
    if (isWanted) {
        connect();
    }
}

function beginAnewIfWanted(): void {
    if (isWanted) {
        beginAnewLater();
    }
}

export function openStream(): void {
    if (!isWanted) {
        isWanted = true;
        connect();
    }
}

export function closeStream(): void {
    isWanted = false;
    window.clearTimeout(timer);
    timer = undefined;
    source?.close();
    source = null;
    line.set('idle');
}
