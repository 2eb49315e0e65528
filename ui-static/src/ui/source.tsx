// Text with line numbers that are seen and not read out.
import { ScrollRegion } from './parts';

export function Source({ text, name, numbered }: { text: string; name: string; numbered?: boolean }) {
    const lines = text.replace(/\n$/, '').split('\n');
    return (
        <ScrollRegion name={name} class="source">
            <pre>
                <code>
                    {lines.map((line, index) => (
                        <span class="source__line" key={index}>
                            {numbered && (
                                <span class="source__number" aria-hidden="true" data-line={index + 1} />
                            )}
                            <span>{line || ' '}</span>
                            {'\n'}
                        </span>
                    ))}
                </code>
            </pre>
        </ScrollRegion>
    );
}
