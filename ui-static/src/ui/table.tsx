// A table that becomes a list of cards where there is no room. The roles are written out because browsers
// forget them when CSS changes how a table is displayed.
import type { ComponentChildren } from 'preact';
import { useText } from '../i18n';
import { Button } from './parts';

export interface Column<Row> {
    head: string;
    cell: (row: Row) => ComponentChildren;
    numeric?: boolean;
    class?: string;
}

interface TableProps<Row> {
    caption: string;
    columns: Column<Row>[];
    rows: Row[];
    id: (row: Row) => string | number;
}

/** The first column names the row. */
export function Table<Row>({ caption, columns, rows, id }: TableProps<Row>) {
    return (
        <table class="kern-table kern-table--small table" role="table">
            <caption class="kern-sr-only">{caption}</caption>
            <thead class="kern-table__head" role="rowgroup">
                <tr class="kern-table__row" role="row">
                    {columns.map((column) => (
                        <th
                            key={column.head}
                            scope="col"
                            role="columnheader"
                            class={`kern-table__header ${column.numeric ? 'kern-table__header--numeric' : ''} ${column.class ?? ''}`}
                        >
                            {column.head}
                        </th>
                    ))}
                </tr>
            </thead>
            <tbody class="kern-table__body" role="rowgroup">
                {rows.map((row) => (
                    <tr class="kern-table__row" role="row" key={id(row)}>
                        {columns.map((column, index) => cell(column, row, index === 0))}
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

function cell<Row>(column: Column<Row>, row: Row, isFirst: boolean) {
    const content = column.cell(row);
    const more = `${column.numeric ? 'kern-table__cell--numeric' : ''} ${column.class ?? ''}`;
    if (isFirst) {
        return (
            <th key={column.head} scope="row" role="rowheader" class={`kern-table__cell table__name ${more}`}>
                {content}
            </th>
        );
    }
    return (
        <td key={column.head} role="cell" class={`kern-table__cell ${more}`}>
            <span class="table__label" aria-hidden="true">
                {column.head}
            </span>
            <span class="table__value">{content}</span>
        </td>
    );
}

interface MoreProps {
    next: string | null;
    busy: boolean;
    onMore: () => void;
}

/** The button below a list that goes on. */
export function More({ next, busy, onMore }: MoreProps) {
    const t = useText();
    return next ? (
        <p class="more">
            <Button onClick={onMore} busy={busy}>
                {busy ? t.common.loading : t.common.more}
            </Button>
        </p>
    ) : null;
}
