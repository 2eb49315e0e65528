// A value that components can watch. Small enough to need no library.
import { useEffect, useState } from 'preact/hooks';

export interface Store<T> {
    get(): T;
    set(next: T): void;
    watch(listener: () => void): () => void;
}

export function store<T>(initial: T): Store<T> {
    let value = initial;
    const listeners = new Set<() => void>();
    return {
        get: () => value,
        set(next) {
            if (!Object.is(next, value)) {
                value = next;
                for (const listener of [...listeners]) {
                    listener();
                }
            }
        },
        watch(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
    };
}

export function useStore<T>(watched: Store<T>): T {
    const [value, setValue] = useState(() => watched.get());
    useEffect(() => {
        const update = () => setValue(() => watched.get());
        update();
        return watched.watch(update);
    }, [watched]);
    return value;
}

/** localStorage that may be forbidden: then a choice lasts as long as the page. */
export function remembered<T extends string>(key: string, allowed: readonly T[], otherwise: T): Store<T> {
    let first = otherwise;
    try {
        const found = localStorage.getItem(key);
        first = allowed.find((value) => value === found) ?? otherwise;
    } catch {
        // Not remembered, nothing else lost.
    }
    const inner = store<T>(first);
    inner.watch(() => {
        try {
            localStorage.setItem(key, inner.get());
        } catch {
            // As above.
        }
    });
    return inner;
}
