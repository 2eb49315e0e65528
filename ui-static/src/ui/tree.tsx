// JSON as people can read it: nested lists with buttons that open and close, every one reachable by keyboard.
// Closed parts are not in the page, so large data costs nothing until somebody looks.
import { useId, useState } from 'preact/hooks';
import type { Json } from '../api/types';
import { useText } from '../i18n';
import { number } from '../i18n/format';
import { Button, CopyButton } from './parts';

const OPEN_TO_DEPTH = 2;
const ENTRIES_SHOWN = 50;
const TEXT_SHOWN = 400;

/** All open or all closed; a new number forgets what single parts were. */
interface Folding {
    all: boolean | null;
    turn: number;
}

export function Tree({ value, what }: { value: Json; what: string }) {
    const t = useText();
    const [folding, setFolding] = useState<Folding>({ all: null, turn: 0 });
    const fold = (all: boolean) => setFolding({ all, turn: folding.turn + 1 });
    const canFold = isNested(value) && Object.values(value).some(isNested);
    return (
        <div class="tree">
            <div class="tree__tools">
                {canFold && (
                    <>
                        <Button kind="tertiary" small onClick={() => fold(true)}>
                            {t.tree.expandAll}
                        </Button>
                        <Button kind="tertiary" small onClick={() => fold(false)}>
                            {t.tree.collapseAll}
                        </Button>
                    </>
                )}
                <CopyButton value={JSON.stringify(value, null, 2)} what={what} />
            </div>
            <div key={folding.turn} class="tree__body">
                {isNested(value) ? (
                    <Entries value={value} depth={0} all={folding.all} />
                ) : (
                    <Scalar value={value} />
                )}
            </div>
        </div>
    );
}

type Nested = Json[] | { [key: string]: Json };

export function isNested(value: Json): value is Nested {
    return typeof value === 'object' && value !== null;
}

function Entries({ value, depth, all }: { value: Nested; depth: number; all: boolean | null }) {
    const t = useText();
    const [limit, setLimit] = useState(ENTRIES_SHOWN);
    const isArray = Array.isArray(value);
    const entries: [string, Json][] = isArray
        ? value.map((item, index) => [t.tree.entry(index + 1), item])
        : Object.entries(value);
    if (entries.length === 0) {
        return <span class="tree__empty">{t.tree.empty}</span>;
    }
    return (
        <>
            <ul class="tree__list">
                {entries.slice(0, limit).map(([key, item]) => (
                    <li key={key}>
                        {isNested(item) && Object.keys(item).length > 0 ? (
                            <Branch name={key} value={item} depth={depth + 1} all={all} />
                        ) : (
                            <div class="tree__leaf">
                                <span class="tree__key">{key}:</span> <Scalar value={item} />
                            </div>
                        )}
                    </li>
                ))}
            </ul>
            {entries.length > limit && (
                <Button kind="tertiary" small onClick={() => setLimit(limit + 10 * ENTRIES_SHOWN)}>
                    {t.tree.rest(entries.length - limit)}
                </Button>
            )}
        </>
    );
}

function Branch(props: { name: string; value: Nested; depth: number; all: boolean | null }) {
    const { name, value, depth, all } = props;
    const t = useText();
    const id = useId();
    const [isOpen, setOpen] = useState(all ?? depth < OPEN_TO_DEPTH);
    const count = Object.keys(value).length;
    return (
        <>
            <button
                type="button"
                class="tree__branch"
                aria-expanded={isOpen}
                aria-controls={isOpen ? id : undefined}
                onClick={() => setOpen(!isOpen)}
            >
                <span
                    class={`kern-icon kern-icon--small kern-icon--${isOpen ? 'arrow-down' : 'chevron-right'}`}
                    aria-hidden="true"
                />
                <span class="tree__key">{name}</span>
                <span class="tree__count">
                    {Array.isArray(value) ? t.tree.array(count) : t.tree.object(count)}
                </span>
            </button>
            {isOpen && (
                <div id={id}>
                    <Entries value={value} depth={depth} all={all} />
                </div>
            )}
        </>
    );
}

export function Scalar({ value }: { value: Json }) {
    const t = useText();
    const [isWhole, setWhole] = useState(false);
    if (isNested(value)) {
        return <span class="tree__empty">{t.tree.empty}</span>;
    }
    if (value === null || value === '') {
        return <span class="tree__empty">{t.common.none}</span>;
    }
    if (typeof value === 'boolean') {
        return <span>{value ? t.common.yes : t.common.no}</span>;
    }
    if (typeof value === 'number') {
        return <span class="tree__number">{number(value)}</span>;
    }
    if (value.length > TEXT_SHOWN && !isWhole) {
        return (
            <span class="tree__text">
                {value.slice(0, TEXT_SHOWN)}…{' '}
                <Button kind="tertiary" small onClick={() => setWhole(true)}>
                    {t.tree.wholeText}
                </Button>
            </span>
        );
    }
    return <span class="tree__text">{value}</span>;
}
