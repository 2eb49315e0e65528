// The data of a case as a person reads it: labels and values, one section for each part. What is nested deeper
// than that is shown as a tree.
import type { Json } from '../api/types';
import { useText } from '../i18n';
import { label, longDate } from '../i18n/format';
import { Facts, type Fact } from './parts';
import { isNested, Scalar, Tree } from './tree';

const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const DEPTH = 2;

export function CaseData({ value }: { value: Json }) {
    const t = useText();
    if (!isNested(value) || Array.isArray(value)) {
        return value === null ? (
            <p class="kern-body empty">{t.work.caseEmpty}</p>
        ) : (
            <Tree value={value} what={t.work.case} />
        );
    }
    if (Object.keys(value).length === 0) {
        return <p class="kern-body empty">{t.work.caseEmpty}</p>;
    }
    return <Part value={value} depth={0} />;
}

function Part({ value, depth }: { value: { [key: string]: Json }; depth: number }) {
    const entries = Object.entries(value);
    const plain = entries.filter(([, item]) => !isNested(item) || isShortList(item));
    const nested = entries.filter(([, item]) => isNested(item) && !isShortList(item));
    const rows: Fact[] = plain.map(([key, item]) => [label(key), <Value key={key} value={item} />]);
    return (
        <>
            {rows.length > 0 && <Facts rows={rows} />}
            {nested.map(([key, item]) => (
                <div class={`case__part case__part--${depth}`} key={key}>
                    <PartHeading depth={depth}>{label(key)}</PartHeading>
                    {depth < DEPTH &&
                    !Array.isArray(item) &&
                    isNested(item) &&
                    Object.keys(item).length > 0 ? (
                        <Part value={item} depth={depth + 1} />
                    ) : (
                        <Tree value={item} what={label(key)} />
                    )}
                </div>
            ))}
        </>
    );
}

function PartHeading({ depth, children }: { depth: number; children: string }) {
    if (depth === 0) {
        return <h3 class="kern-heading-small">{children}</h3>;
    }
    return depth === 1 ? <h4 class="kern-label">{children}</h4> : <h5 class="kern-label">{children}</h5>;
}

function isShortList(value: Json): value is (string | number | boolean | null)[] {
    return Array.isArray(value) && value.length > 0 && value.length <= 12 && !value.some(isNested);
}

function Value({ value }: { value: Json }) {
    if (isShortList(value)) {
        return (
            <ul class="case__list">
                {value.map((item, index) => (
                    <li key={index}>
                        <Value value={item} />
                    </li>
                ))}
            </ul>
        );
    }
    if (typeof value === 'string' && isoDate.test(value) && !Number.isNaN(Date.parse(value))) {
        return <time dateTime={value}>{longDate(value)}</time>;
    }
    return <Scalar value={value} />;
}
