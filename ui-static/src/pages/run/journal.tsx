import { useId, useState } from 'preact/hooks';
import { segment } from '../../api/client';
import type { Json, JournalRecord } from '../../api/types';
import { useText, type Messages } from '../../i18n';
import { exactTime } from '../../i18n/format';
import { usePages } from '../../state/pages';
import { announce } from '../../ui/announce';
import { Button, Loading, ProblemAlert, ScrollRegion, Section } from '../../ui/parts';
import { More, Table } from '../../ui/table';
import { isNested, Tree } from '../../ui/tree';

/** Fetched only when somebody opens it. */
export function RunJournal({ id }: { id: string }) {
    const t = useText();
    const region = useId();
    const [isOpen, setOpen] = useState(false);
    return (
        <Section
            title={t.run.journal}
            aside={
                <Button small expanded={isOpen} controls={region} onClick={() => setOpen(!isOpen)}>
                    {isOpen ? t.run.journalHide : t.run.journalShow}
                </Button>
            }
        >
            <div id={region}>{isOpen && <Records id={id} />}</div>
        </Section>
    );
}

function Records({ id }: { id: string }) {
    const t = useText();
    const records = usePages<JournalRecord>(
        `/api/v1/runs/${segment(id)}/journal`,
        (change) => change.of === 'run' && change.event.id === id,
    );
    return (
        <>
            <p class="kern-body kern-body--small kern-body--muted">{t.run.journalLead}</p>
            {records.error && <ProblemAlert error={records.error} again={records.reload} />}
            {!records.items && !records.error && <Loading />}
            {records.items && (
                <ScrollRegion name={t.run.journal}>
                    <Table
                        caption={t.run.journal}
                        rows={records.items}
                        id={(record) => record.number}
                        columns={[
                            { head: t.run.record, cell: (record) => String(record.number), class: 'nowrap' },
                            {
                                head: t.run.at,
                                cell: (record) => <time dateTime={record.at}>{exactTime(record.at)}</time>,
                            },
                            { head: t.run.what, cell: (record) => <What record={record} /> },
                            { head: t.run.step, cell: (record) => record.task?.name ?? '–' },
                            { head: t.run.actor, cell: (record) => actorName(record.actor, t) },
                            {
                                head: t.run.hash,
                                cell: (record) => (
                                    <span class="mono" title={record.hash}>
                                        {record.hash.slice(0, 10)}…
                                    </span>
                                ),
                            },
                        ]}
                    />
                </ScrollRegion>
            )}
            <More
                next={records.next}
                busy={records.busy}
                onMore={async () => announce(t.common.moreLoaded(await records.more()))}
            />
        </>
    );
}

/** `user:anna` is Anna; the engine goes by its own name. */
function actorName(actor: string | null, t: Messages): string {
    if (actor === null || actor === '') {
        return '–';
    }
    return actor === 'engine' ? t.product : actor.replace(/^user:/, '');
}

/** What stands in the clear beside the record, as `key: value`; the ids and digests in it are for machines. */
function noteText(note: Json): string {
    if (!isNested(note)) {
        return note === null ? '' : String(note);
    }
    return Object.entries(note)
        .filter(
            ([key, value]) =>
                !['id', 'key', 'digest', 'runs'].includes(key) && value !== null && value !== '',
        )
        .map(([key, value]) => `${key}: ${isNested(value) ? JSON.stringify(value) : String(value)}`)
        .join(' · ');
}

function What({ record }: { record: JournalRecord }) {
    const t = useText();
    const note = noteText(record.note ?? null);
    const hasData = record.data !== undefined && record.data !== null;
    return (
        <>
            {t.records[record.kind] ?? record.kind}
            {note !== '' && <span class="table__sub">{note}</span>}
            {record.erased && <span class="table__sub">{t.run.erased}</span>}
            {hasData && (
                <details class="step__data">
                    <summary>{t.run.data}</summary>
                    <Tree value={record.data ?? null} what={t.run.data} />
                </details>
            )}
        </>
    );
}
