// What a page shows of the server: fetched when the page opens, fetched again when something it depends on
// changed. The old answer stays visible until the new one is there.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get } from '../api/client';
import { listen, type Change } from '../api/stream';

export interface Resource<T> {
    data: T | null;
    error: ApiError | null;
    reload: () => void;
    /** Puts an answer in place that came by another way, as that of a POST. */
    put: (next: T) => void;
}

/** At most one refetch in this time, however much happens. */
const QUIET_MS = 400;

type Affects = (change: Change) => boolean;

export function useResource<T>(path: string | null, affects?: Affects): Resource<T> {
    const [state, setState] = useState<{ path: string | null; data: T | null; error: ApiError | null }>({
        path,
        data: null,
        error: null,
    });
    const [turn, setTurn] = useState(0);
    const reload = useCallback(() => setTurn((count) => count + 1), []);
    const put = useCallback((next: T) => setState({ path, data: next, error: null }), [path]);

    useEffect(() => {
        if (path === null) {
            return;
        }
        const abort = new AbortController();
        get<T>(path, abort.signal).then(
            (data) => {
                if (!abort.signal.aborted) {
                    setState({ path, data, error: null });
                }
            },
            (error: unknown) => {
                if (!abort.signal.aborted && error instanceof ApiError) {
                    setState((old) => ({ path, data: old.path === path ? old.data : null, error }));
                }
            },
        );
        return () => abort.abort();
    }, [path, turn]);

    useLive(affects ?? never, reload);

    const current = state.path === path;
    return { data: current ? state.data : null, error: current ? state.error : null, reload, put };
}

const never: Affects = () => false;

/** Calls `act` soon after a change that `affects` says yes to; a burst is answered once. */
export function useLive(affects: Affects, act: () => void): void {
    const latest = useRef({ affects, act });
    latest.current = { affects, act };
    useEffect(() => {
        let timer: number | undefined;
        const stop = listen((change) => {
            if (timer === undefined && (change.of === 'gap' || latest.current.affects(change))) {
                timer = window.setTimeout(() => {
                    timer = undefined;
                    latest.current.act();
                }, QUIET_MS);
            }
        });
        return () => {
            window.clearTimeout(timer);
            stop();
        };
    }, []);
}
