// What changes on the server, as it changes. Happy path: one EventSource, events handed to who listens.
// When the line breaks, the browser tries again by itself and goes on after the last event. When the server refuses
// the stream (too many watch, or a proxy in between forbids it) but answers otherwise, we ask again and again, and
// everybody fetches each time. A session that ran out shows here as well: the client then asks for the password.
// After each gap that may have lost events everybody fetches again.
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

/** `asked`: there is no stream, so we ask from time to time. */
export type Line = 'idle' | 'open' | 'asked' | 'lost';
export const line = store<Line>('idle');

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 20_000;

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
        const hadGap = line.get() === 'lost' || line.get() === 'asked';
        line.set('open');
        if (hadGap) {
            tell({ of: 'gap' });
        }
    });
    next.addEventListener('run', (message) => tell({ of: 'run', event: read(message) as RunEvent }));
    next.addEventListener('work', (message) => tell({ of: 'work', event: read(message) as WorkEvent }));
    next.addEventListener('error', () => {
        if (source !== next) {
            return;
        }
        if (next.readyState === EventSource.CLOSED) {
            beginAnewLater();
        } else {
            line.set('lost');
        }
    });
}

function beginAnewLater(): void {
    timer = window.setTimeout(() => {
        get('/api/v1/session').then(askAndConnect, stayLost);
    }, pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
}

// Both may come after everybody has signed out.

function askAndConnect(): void {
    if (isWanted) {
        line.set('asked');
        tell({ of: 'gap' });
        connect();
    }
}

function stayLost(): void {
    if (isWanted) {
        line.set('lost');
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
    pauseMs = FIRST_PAUSE_MS;
    source?.close();
    source = null;
    line.set('idle');
}
