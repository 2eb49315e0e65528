// plain-yaml.mjs - as much of YAML as inputs and expected outputs are written in: mappings by indentation, lists in brackets, plain and
// quoted scalars, comments. Not the engine's reader, so that the two are compared.

function scalar(text) {
  if (/^(null|~|)$/.test(text)) return null;
  if (/^(true|false)$/.test(text)) return text === 'true';
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) return Number(text);
  const quoted = text.match(/^(['"])(.*)\1$/);
  return quoted ? quoted[2] : text;
}

function value(text) {
  const list = text.match(/^\[(.*)\]$/);
  if (!list) return scalar(text);
  return list[1].trim() === '' ? [] : list[1].split(',').map((item) => scalar(item.trim()));
}

function mapping(lines) {
  const result = {};
  while (lines.length > 0 && lines[0].text.match(/^[^\s:]+:(\s|$)/)) {
    const { margin, text } = lines.shift();
    const [, key, rest] = text.match(/^([^\s:]+):\s*(.*)$/);
    const below = [];
    while (lines.length > 0 && lines[0].margin > margin) below.push(lines.shift());
    result[key] = below.length > 0 ? mapping(below) : value(rest);
  }
  if (lines.length > 0) throw new Error(`not plain enough: ${lines[0].text}`);
  return result;
}

export function readYaml(source) {
  const lines = source.split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .filter((line) => line.trim() !== '')
    .map((line) => ({ margin: line.match(/^ */)[0].length, text: line.trim() }));
  if (lines.length === 1 && !/^[^\s:]+:(\s|$)/.test(lines[0].text)) return value(lines[0].text);
  return mapping(lines);
}
