// Talks to the server. A refusal becomes an `ApiError` that carries the server's problem; a session that ran
// out asks for the password in a dialog and then repeats the request, so that nothing typed is lost.
import type { Problem, Session } from './types';

export class ApiError extends Error {
    constructor(
        readonly problem: Problem,
        readonly retryAfter: number | null = null,
    ) {
        super(problem.title);
    }

    get status(): number {
        return this.problem.status;
    }
}

/** What the client needs from those who own the session. */
export interface SessionKeeper {
    csrf(): string;
    /** Called on 401; resolves true when somebody signed in again. */
    signInAgain(): Promise<boolean>;
    /** Another tab may have signed in anew: fetches the session, true when the token is another one now. */
    refresh(): Promise<boolean>;
}

let keeper: SessionKeeper | null = null;

export function setSessionKeeper(next: SessionKeeper): void {
    keeper = next;
}

type Method = 'GET' | 'POST' | 'DELETE';

/** Status 0 stands for a server that did not answer at all. */
export const UNREACHABLE = 0;

async function send(
    method: Method,
    path: string,
    body: string | null,
    signal?: AbortSignal,
): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (method !== 'GET' && keeper) {
        headers['X-CSRF-Token'] = keeper.csrf();
    }
    if (body !== null) {
        headers['Content-Type'] = 'application/json';
    }
    try {
        return await fetch(path, {
            method,
            headers,
            body,
            signal: signal ?? null,
            credentials: 'same-origin',
        });
    } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') {
            throw error;
        }
        throw new ApiError({ type: 'about:blank', title: '', status: UNREACHABLE });
    }
}

/** As JSON.parse, but an integer that a double cannot hold stays visible as the digits that were sent. */
function parse(text: string): unknown {
    if (!/\d{16}/.test(text)) {
        return JSON.parse(text);
    }
    const keepDigits = (_key: string, value: unknown, context?: { source?: string }) =>
        typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
            ? (context?.source ?? value)
            : value;
    return JSON.parse(text, keepDigits);
}

async function refusal(response: Response): Promise<ApiError> {
    const after = Number(response.headers.get('Retry-After'));
    const blank = { type: 'about:blank', title: response.statusText, status: response.status };
    let problem: Problem = blank;
    try {
        problem = { ...blank, ...((await response.json()) as Partial<Problem>) };
    } catch {
        // No body, or one that is no problem: the status line has to do.
    }
    return new ApiError(problem, after > 0 ? after : null);
}

async function request(
    method: Method,
    path: string,
    body: string | null,
    signal?: AbortSignal,
): Promise<unknown> {
    let response = await send(method, path, body, signal);
    if (response.status === 401 && keeper && (await keeper.signInAgain())) {
        response = await send(method, path, body, signal);
    } else if (response.status === 403 && method !== 'GET' && keeper && (await keeper.refresh())) {
        response = await send(method, path, body, signal);
    }
    if (!response.ok) {
        throw await refusal(response);
    }
    return response.status === 204 ? null : parse(await response.text());
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return (await request('GET', path, null, signal)) as T;
}

export async function post<T>(path: string, body: unknown): Promise<T> {
    return (await request('POST', path, JSON.stringify(body))) as T;
}

/** Sends text that is JSON already: numbers beyond 2^53 arrive as they were typed. */
export async function postText<T>(path: string, json: string): Promise<T> {
    return (await request('POST', path, json === '' ? null : json)) as T;
}

// The session's own three requests go without the keeper: their 401 is an answer, not an accident.

export async function fetchSession(): Promise<Session | null> {
    const response = await send('GET', '/api/v1/session', null);
    if (response.status === 401) {
        return null;
    }
    if (!response.ok) {
        throw await refusal(response);
    }
    return (await response.json()) as Session;
}

export async function signIn(name: string, password: string): Promise<Session> {
    const response = await send('POST', '/api/v1/session', JSON.stringify({ name, password }));
    if (!response.ok) {
        throw await refusal(response);
    }
    return (await response.json()) as Session;
}

export async function signOut(): Promise<void> {
    const response = await send('DELETE', '/api/v1/session', null);
    if (!response.ok && response.status !== 401) {
        throw await refusal(response);
    }
}

/** `path?key=value&...` of what is set. */
export function query(
    path: string,
    values: Record<string, string | number | boolean | null | undefined>,
): string {
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(values)) {
        if (value !== null && value !== undefined && value !== '') {
            search.set(key, String(value));
        }
    }
    const text = search.toString();
    return text === '' ? path : `${path}?${text}`;
}

export const segment = encodeURIComponent;
