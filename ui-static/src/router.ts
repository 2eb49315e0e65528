// Addresses behind the `#`: the server needs to know one page only, and an address can be passed on.
import { store } from './state/store';

export interface Place {
    /** `#/runs/42?x=1` is path `['runs', '42']` with `x` in the search. */
    path: string[];
    search: URLSearchParams;
}

function decode(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

function read(): Place {
    const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
    return { path: path.split('/').filter(Boolean).map(decode), search: new URLSearchParams(search) };
}

export const place = store<Place>(read());

addEventListener('hashchange', () => {
    if (location.hash === '' || location.hash.startsWith('#/')) {
        place.set(read());
    }
});

type Search = Record<string, string | null | undefined>;

export function href(path: string[], search: Search = {}): string {
    const values = new URLSearchParams();
    for (const [key, value] of Object.entries(search)) {
        if (value) {
            values.set(key, value);
        }
    }
    const tail = values.toString();
    return `#/${path.map(encodeURIComponent).join('/')}${tail ? `?${tail}` : ''}`;
}

export function go(path: string[], search: Search = {}): void {
    location.hash = href(path, search);
}

/** Changes the address without a new entry in the history: filters, not pages. */
export function refine(path: string[], search: Search): void {
    history.replaceState(null, '', href(path, search));
    place.set(read());
}
