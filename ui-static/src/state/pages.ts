// A list that is fetched page by page. A change on the server refetches what is shown, all of it, in one go.
// Where more is shown than one page can hold, nothing moves under the reader: the list says that it is old.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, query } from '../api/client';
import type { Change } from '../api/stream';
import type { List } from '../api/types';
import { useLive } from './resource';

const PAGE = 50;
/** The largest page that the server gives. */
const PAGE_MAX = 200;

export interface Pages<T> {
    items: T[] | null;
    next: string | null;
    error: ApiError | null;
    busy: boolean;
    /** Something changed that the list does not show yet. */
    stale: boolean;
    more: () => Promise<number>;
    reload: () => void;
}

interface State<T> {
    path: string | null;
    items: T[] | null;
    next: string | null;
    error: ApiError | null;
}

/** `path` has its filters already; `null` fetches nothing. */
export function usePages<T>(path: string | null, affects: (change: Change) => boolean): Pages<T> {
    const [state, setState] = useState<State<T>>({ path, items: null, next: null, error: null });
    const [busy, setBusy] = useState(false);
    const [stale, setStale] = useState(false);
    const [turn, setTurn] = useState(0);
    const shown = useRef(0);
    shown.current = state.path === path ? (state.items?.length ?? 0) : 0;

    const fetchPage = (cursor: string | null, limit: number, signal?: AbortSignal) => {
        const [base = '', filters = ''] = (path ?? '').split('?', 2);
        const search = Object.fromEntries(new URLSearchParams(filters));
        return get<List<T>>(query(base, { ...search, limit, cursor }), signal);
    };

    useEffect(() => {
        if (path === null) {
            return;
        }
        const abort = new AbortController();
        const limit = Math.min(Math.max(PAGE, shown.current), PAGE_MAX);
        fetchPage(null, limit, abort.signal).then(
            (page) => setState({ path, items: page.items, next: page.next, error: null }),
            (error: unknown) => {
                if (error instanceof ApiError && !abort.signal.aborted) {
                    setState((old) => ({ ...old, path, items: old.path === path ? old.items : null, error }));
                }
            },
        );
        return () => abort.abort();
    }, [path, turn]);

    const reload = () => {
        setStale(false);
        setTurn((count) => count + 1);
    };
    useLive(affects, () => (shown.current > PAGE_MAX ? setStale(true) : reload()));

    async function more(): Promise<number> {
        setBusy(true);
        try {
            const page = await fetchPage(state.next, PAGE);
            setState((old) => ({ ...old, items: [...(old.items ?? []), ...page.items], next: page.next }));
            return page.items.length;
        } catch (error) {
            if (error instanceof ApiError) {
                setState((old) => ({ ...old, error }));
            }
            return 0;
        } finally {
            setBusy(false);
        }
    }

    const current = state.path === path;
    return {
        items: current ? state.items : null,
        next: current ? state.next : null,
        error: current ? state.error : null,
        busy,
        stale,
        more,
        reload,
    };
}
