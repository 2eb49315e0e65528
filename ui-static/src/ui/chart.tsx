// Throughput over time: columns for what was completed, with what failed on top, and a stepped line for what
// was started. Told apart by form as well as by colour; said in a sentence; and there as a table.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Overview } from '../api/types';
import { useText } from '../i18n';
import { clock, dateTime, number, weekday } from '../i18n/format';
import { ScrollRegion } from './parts';
import { Table } from './table';

type Steps = Overview['throughput'];

const FIRST_WIDTH = 960;
const HEIGHT = 240;
/** Room that one time below the chart needs. */
const TIME_WIDTH = 84;
const LEFT = 44;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 28;

/** The next round number above that has a half: 2, 4, 6, 8, 10, 20, 40, ... */
function roundUp(value: number): number {
    let step = 1;
    for (;;) {
        for (const factor of [1, 2, 4, 6, 8]) {
            if (step * factor >= value) {
                return step * factor;
            }
        }
        step *= 10;
    }
}

export const hoursChoices = [6, 24, 168] as const;
export type Hours = (typeof hoursChoices)[number];

export function Throughput({ steps, hours }: { steps: Steps; hours: Hours }) {
    const t = useText();
    const sum = (key: 'started' | 'completed' | 'faulted') => steps.reduce((all, step) => all + step[key], 0);
    const totals = { started: sum('started'), completed: sum('completed'), faulted: sum('faulted') };
    const isEmpty = totals.started + totals.completed + totals.faulted === 0;
    const summary = t.chart.summary(
        number(totals.started),
        number(totals.completed),
        number(totals.faulted),
        t.chart.rangeDative[hours],
    );
    return (
        <figure class="chart">
            <figcaption class="kern-body">{isEmpty ? t.chart.empty : summary}</figcaption>
            {!isEmpty && (
                <>
                    <Drawing steps={steps} hours={hours} />
                    <ul class="chart__legend kern-body kern-body--small" aria-hidden="true">
                        <li class="chart__key chart__key--started">{t.chart.started}</li>
                        <li class="chart__key chart__key--completed">{t.chart.completed}</li>
                        <li class="chart__key chart__key--faulted">{t.chart.faulted}</li>
                    </ul>
                    <details class="kern-accordion">
                        <summary class="kern-accordion__header">
                            <span class="kern-title kern-title--small">{t.chart.asTable}</span>
                        </summary>
                        <ScrollRegion name={t.chart.heading} class="chart__table">
                            <Table
                                caption={t.chart.heading}
                                rows={steps.filter(
                                    (step) => step.started + step.completed + step.faulted > 0,
                                )}
                                id={(step) => step.at}
                                columns={[
                                    { head: t.chart.time, cell: (step) => dateTime(step.at) },
                                    {
                                        head: t.chart.started,
                                        cell: (step) => number(step.started),
                                        numeric: true,
                                    },
                                    {
                                        head: t.chart.completed,
                                        cell: (step) => number(step.completed),
                                        numeric: true,
                                    },
                                    {
                                        head: t.chart.faulted,
                                        cell: (step) => number(step.faulted),
                                        numeric: true,
                                    },
                                ]}
                            />
                        </ScrollRegion>
                    </details>
                </>
            )}
        </figure>
    );
}

/** The width that the drawing really has: letters keep their size however narrow it is. */
function useWidth() {
    const drawing = useRef<SVGSVGElement>(null);
    const [width, setWidth] = useState(FIRST_WIDTH);
    useEffect(() => {
        const element = drawing.current;
        if (!element) {
            return undefined;
        }
        const observer = new ResizeObserver(() =>
            setWidth(Math.max(240, element.getBoundingClientRect().width)),
        );
        observer.observe(element);
        return () => observer.disconnect();
    }, []);
    return [drawing, width] as const;
}

function Drawing({ steps, hours }: { steps: Steps; hours: Hours }) {
    const hatch = useId();
    const [drawing, width] = useWidth();
    const most = roundUp(
        Math.max(...steps.map((step) => Math.max(step.started, step.completed + step.faulted))),
    );
    const inner = { width: width - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
    const column = inner.width / steps.length;
    const gap = Math.min(4, column / 3);
    const x = (index: number) => LEFT + index * column;
    const y = (value: number) => TOP + inner.height * (1 - value / most);
    const startedLine = steps
        .map((step, index) => `${index === 0 ? 'M' : 'L'}${x(index)} ${y(step.started)}H${x(index + 1)}`)
        .join('');
    const marks = most === 1 ? [0, 1] : [0, most / 2, most];
    const everySteps = Math.max(1, Math.ceil(TIME_WIDTH / column));
    return (
        <svg
            ref={drawing}
            class="chart__drawing"
            height={HEIGHT}
            viewBox={`0 0 ${width} ${HEIGHT}`}
            aria-hidden="true"
            focusable="false"
        >
            <defs>
                <pattern
                    id={hatch}
                    width="6"
                    height="6"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                >
                    <rect class="chart__hatch-ground" width="6" height="6" />
                    <rect class="chart__hatch-line" width="2.5" height="6" />
                </pattern>
            </defs>
            {marks.map((mark) => (
                <g key={mark}>
                    <line class="chart__grid" x1={LEFT} x2={width - RIGHT} y1={y(mark)} y2={y(mark)} />
                    <text class="chart__text" x={LEFT - 8} y={y(mark) + 5} text-anchor="end">
                        {number(mark)}
                    </text>
                </g>
            ))}
            {steps.map((step, index) => (
                <g key={step.at}>
                    <rect
                        class="chart__completed"
                        x={x(index) + gap / 2}
                        width={column - gap}
                        y={y(step.completed)}
                        height={y(0) - y(step.completed)}
                    />
                    <rect
                        class="chart__faulted"
                        fill={`url(#${hatch})`}
                        x={x(index) + gap / 2}
                        width={column - gap}
                        y={y(step.completed + step.faulted)}
                        height={y(step.completed) - y(step.completed + step.faulted)}
                    />
                    {index % everySteps === 0 && (
                        <text class="chart__text" x={x(index)} y={HEIGHT - 6}>
                            {hours > 24 ? weekday(step.at) : clock(step.at)}
                        </text>
                    )}
                </g>
            ))}
            <path class="chart__started" d={startedLine} />
        </svg>
    );
}
