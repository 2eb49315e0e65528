// How flows, runs and work items are named in lists.
import type { FlowName, Work } from '../api/types';
import { dateTime, dueInWords } from '../i18n/format';
import { useText } from '../i18n';
import { Badge } from './parts';

export function runTitle(flow: FlowName): string {
    return flow.title || flow.name;
}

/** An item whose data was erased has no title of its own any more. */
export function workTitle(work: Work): string {
    return work.title || work.task.name || runTitle(work.flow);
}

/** Enough of an id to tell it from its neighbours: the end, as the beginning is the time. */
export function shortId(id: string): string {
    return id.slice(-8);
}

export function Time({ at }: { at: string }) {
    return <time dateTime={at}>{dateTime(at)}</time>;
}

/** When a work item is due; that it is overdue is said in words, not by colour alone. */
export function DueText({ work }: { work: Work }) {
    const t = useText();
    if (!work.dueAt) {
        return <span class="muted">{t.time.noDue}</span>;
    }
    const title = dateTime(work.dueAt);
    if (work.overdue) {
        return (
            <span title={title}>
                <Badge tone="danger">{dueInWords(work.dueAt)}</Badge>
            </span>
        );
    }
    return (
        <time class="due" dateTime={work.dueAt} title={title}>
            {work.state === 'open' || work.state === 'taken' ? dueInWords(work.dueAt) : title}
        </time>
    );
}
