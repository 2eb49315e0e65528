// Form fields with label, hint and error, joined by aria-describedby.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useText } from '../i18n';
import { Icon } from './parts';

interface FieldProps {
    label: string;
    value: string;
    onInput: (value: string) => void;
    hint?: string;
    error?: string | null;
    optional?: boolean;
    id?: string;
}

function FieldError({ id, children }: { id: string; children: ComponentChildren }) {
    return (
        <p class="kern-error" id={id}>
            <Icon name="danger" />
            <span class="kern-body">{children}</span>
        </p>
    );
}

function Frame(props: {
    id: string;
    label: string;
    hint?: string | undefined;
    error?: string | null | undefined;
    optional?: boolean | undefined;
    children: ComponentChildren;
}) {
    const t = useText();
    return (
        <div class={`kern-form-input ${props.error ? 'kern-form-input--error' : ''}`}>
            <label class="kern-label" for={props.id}>
                {props.label}
                {props.optional && <span class="kern-label__optional"> {t.common.optional}</span>}
            </label>
            {props.hint && (
                <div class="kern-hint" id={`${props.id}-hint`}>
                    {props.hint}
                </div>
            )}
            {props.children}
            {props.error && <FieldError id={`${props.id}-error`}>{props.error}</FieldError>}
        </div>
    );
}

function describedBy(id: string, hint?: string, error?: string | null): string | undefined {
    const parts = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean);
    return parts.length > 0 ? parts.join(' ') : undefined;
}

const inputClass = (error?: string | null) =>
    `kern-form-input__input ${error ? 'kern-form-input__input--error' : ''}`;

interface TextFieldProps extends FieldProps {
    type?: 'text' | 'password' | 'search' | 'date';
    autoComplete?: string;
    /** In a dialog: here one goes on. */
    autoFocus?: boolean;
    required?: boolean;
}

export function TextField(props: TextFieldProps) {
    const own = useId();
    const id = props.id ?? own;
    return (
        <Frame id={id} label={props.label} hint={props.hint} error={props.error} optional={props.optional}>
            <input
                id={id}
                class={inputClass(props.error)}
                // Preact ties roles to literal types; the four here have none. The checker forgets why it is needed.
                // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion
                type={(props.type ?? 'text') as 'text'}
                value={props.value}
                autoComplete={props.autoComplete ?? 'off'}
                autoFocus={props.autoFocus}
                autoCapitalize="none"
                spellcheck={false}
                required={props.required}
                aria-invalid={props.error ? 'true' : undefined}
                aria-describedby={describedBy(id, props.hint, props.error)}
                onInput={(event) => props.onInput(event.currentTarget.value)}
            />
        </Frame>
    );
}

interface TextAreaProps extends FieldProps {
    rows?: number;
    mono?: boolean;
    required?: boolean;
}

export function TextArea(props: TextAreaProps) {
    const own = useId();
    const id = props.id ?? own;
    return (
        <Frame id={id} label={props.label} hint={props.hint} error={props.error} optional={props.optional}>
            <textarea
                id={id}
                class={`${inputClass(props.error)} ${props.mono ? 'mono' : ''} textarea`}
                rows={props.rows ?? 4}
                spellcheck={!props.mono}
                required={props.required}
                aria-invalid={props.error ? 'true' : undefined}
                aria-describedby={describedBy(id, props.hint, props.error)}
                value={props.value}
                onInput={(event) => props.onInput(event.currentTarget.value)}
            />
        </Frame>
    );
}

interface SelectProps {
    label: string;
    value: string;
    choices: [value: string, label: string][];
    onInput: (value: string) => void;
}

export function Select({ label, value, choices, onInput }: SelectProps) {
    const id = useId();
    return (
        <div class="kern-form-input">
            <label class="kern-label" for={id}>
                {label}
            </label>
            <div class="kern-form-input__select-wrapper">
                <select
                    id={id}
                    class="kern-form-input__select"
                    value={value}
                    onInput={(event) => onInput(event.currentTarget.value)}
                >
                    {choices.map(([choice, name]) => (
                        <option key={choice} value={choice}>
                            {name}
                        </option>
                    ))}
                </select>
            </div>
        </div>
    );
}

interface ChoiceProps {
    legend: string;
    name: string;
    value: string | null;
    choices: { value: string; label: string; hint?: string }[];
    onInput: (value: string) => void;
    error?: string | null;
}

/** Radio buttons. Nothing is chosen until a person chooses. */
export function Choice({ legend, name, value, choices, onInput, error }: ChoiceProps) {
    const id = useId();
    return (
        <fieldset
            class={`kern-fieldset choice ${error ? 'kern-fieldset--error' : ''}`}
            aria-describedby={error ? `${id}-error` : undefined}
        >
            <legend class="kern-label">{legend}</legend>
            <div class="kern-fieldset__body">
                {choices.map((choice, index) => (
                    <div class="kern-form-check" key={choice.value}>
                        <input
                            class={`kern-form-check__radio ${error ? 'kern-form-check__radio--error' : ''}`}
                            type="radio"
                            id={`${id}-${index}`}
                            name={name}
                            value={choice.value}
                            checked={value === choice.value}
                            aria-invalid={error ? 'true' : undefined}
                            aria-describedby={choice.hint ? `${id}-${index}-hint` : undefined}
                            onInput={() => onInput(choice.value)}
                        />
                        <label class="kern-label" for={`${id}-${index}`}>
                            {choice.label}
                        </label>
                        {choice.hint && (
                            <p class="kern-hint kern-body--small choice__hint" id={`${id}-${index}-hint`}>
                                {choice.hint}
                            </p>
                        )}
                    </div>
                ))}
            </div>
            {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
        </fieldset>
    );
}

export function Checkbox(props: { label: string; checked: boolean; onInput: (checked: boolean) => void }) {
    const id = useId();
    return (
        <div class="kern-form-check">
            <input
                class="kern-form-check__checkbox"
                type="checkbox"
                id={id}
                checked={props.checked}
                onInput={(event) => props.onInput(event.currentTarget.checked)}
            />
            <label class="kern-label" for={id}>
                {props.label}
            </label>
        </div>
    );
}

/** Moves the focus to the first field of `form` that says it is wrong. Call after the errors are shown. */
export function focusFirstError(form: HTMLElement | null): void {
    requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
