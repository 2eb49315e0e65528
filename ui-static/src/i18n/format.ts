// Times, spans and numbers as people write them, in the language that is shown.
import { language, text } from './index';

const locale = () => (language.get() === 'de' ? 'de-DE' : 'en-GB');

const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = locale() + JSON.stringify(options);
    let format = formats.get(key);
    if (!format) {
        format = new Intl.DateTimeFormat(locale(), options);
        formats.set(key, format);
    }
    return format;
}

/** 23.11.2026, 14:05 */
export function dateTime(at: string): string {
    return dateFormat({ dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
}

/** 23.11.2026, 14:05:09 */
export function exactTime(at: string): string {
    return dateFormat({ dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
}

/** 23. November 2026; a date alone has no time zone. */
export function longDate(day: string): string {
    return dateFormat({ dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}

/** 14:05 */
export function clock(at: string): string {
    return dateFormat({ timeStyle: 'short' }).format(new Date(at));
}

/** Mo 23.11. */
export function weekday(at: string): string {
    return dateFormat({ weekday: 'short', day: '2-digit', month: '2-digit' }).format(new Date(at));
}

export function number(value: number): string {
    return value.toLocaleString(locale(), { maximumFractionDigits: 20 });
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something took: 340 ms, 4,2 s, 3 min 5 s, 2 h 10 min, 5 d 3 h. */
export function duration(ms: number): string {
    const t = text().time;
    if (ms < SECOND) {
        return t.milliseconds(Math.max(0, Math.round(ms)));
    }
    if (ms < MINUTE) {
        return t.shortSeconds((ms / SECOND).toLocaleString(locale(), { maximumFractionDigits: 1 }));
    }
    if (ms < HOUR) {
        return t.shortMinutes(Math.floor(ms / MINUTE), Math.floor((ms % MINUTE) / SECOND));
    }
    if (ms < DAY) {
        return t.shortHours(Math.floor(ms / HOUR), Math.floor((ms % HOUR) / MINUTE));
    }
    return t.shortDays(Math.floor(ms / DAY), Math.floor((ms % DAY) / HOUR));
}

export function between(from: string | null | undefined, to: string | null | undefined): string | null {
    if (!from) {
        return null;
    }
    return duration((to ? Date.parse(to) : Date.now()) - Date.parse(from));
}

/** The largest unit alone, in words: "3 Tage". */
function span(ms: number): string {
    const t = text().time;
    if (ms < MINUTE) {
        return t.seconds(Math.max(1, Math.round(ms / SECOND)));
    }
    if (ms < HOUR) {
        return t.minutes(Math.round(ms / MINUTE));
    }
    if (ms < 2 * DAY) {
        return t.hours(Math.round(ms / HOUR));
    }
    return t.days(Math.round(ms / DAY));
}

/** "überfällig seit 2 Tagen", "fällig in 3 Stunden". */
export function dueInWords(dueAt: string): string {
    const left = Date.parse(dueAt) - Date.now();
    const t = text().time;
    return left < 0 ? t.overdueSince(span(-left)) : t.dueIn(span(left));
}

/** As it is, with a capital at the beginning. */
export function capital(words: string): string {
    return words.charAt(0).toLocaleUpperCase(locale()) + words.slice(1);
}

const camel = /(\p{Ll})(\p{Lu})/gu;

/** A key of data as a label: `haltungSeit` becomes "Haltung Seit"; what is no plain word stays as it is. */
export function label(key: string): string {
    if (!/^[\p{L}][\p{L}\p{N}_-]*$/u.test(key)) {
        return key;
    }
    const words = key.replace(camel, '$1 $2').replace(/[_-]+/g, ' ').trim();
    return capital(words);
}
