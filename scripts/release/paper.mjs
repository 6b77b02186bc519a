// SPDX-License-Identifier: Apache-2.0
// docs/paper.md, the numbers behind it and what gnuplot draws, from the measurements of scripts/release/paper.sh:
//   node paper.mjs FOLDER HEADER STYLES NETWORKS      the first network is the one before compression, the second the paper's
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reader, thousands, timeOf } from '../bench/tables.mjs';

const [folder, made, styleNames, networkNames] = process.argv.slice(2);
const styles = styleNames.split(' '), networks = networkNames.split(' ');
const [before, after] = networks;
const text = (file) => readFileSync(join(folder, file), 'utf8');
const read = reader(folder);

const titles = { starry_night: 'The Starry Night', great_wave: 'The Great Wave', the_scream: 'The Scream', composition_vii: 'Composition VII', mosaic: 'the mosaic' };
const title = (style) => titles[style] ?? style;
const number = (value, digits) => value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const signed = (value, digits) => (value < 0 ? '' : '+') + number(value, digits);
const range = ({ value, low, high }, digits, write = number) => `${write(value, digits)} (${write(low, digits)} to ${write(high, digits)})`;
const table = (heads, rows) => [`| ${heads.join(' | ')} |`, `|${heads.map((_, i) => (i ? '---:' : '---')).join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
const none = 'none';
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const kinds = ['quality', 'technical', 'limit', 'program', 'ptl', 'onnx', 'static.onnx'];
const all = Object.fromEntries(styles.map((style) => [style, Object.fromEntries(kinds.map((kind) => [kind, read(`${style}.${kind}.json`)]))]));
const subject = (style, kind, network) => all[style][kind].subjects.find(({ name }) => name === `${network}.safetensors`);
/** The styles that have a network, and the networks of a style. */
const stylesOf = (network) => styles.filter((style) => subject(style, 'quality', network));
const networksOf = (style) => networks.filter((network) => subject(style, 'quality', network));
const timed = (style, kind, network) => timeOf(all[style][kind].times, `${network}.${kind === 'program' ? 'safetensors' : kind}`, [256, 1]);
/** Scores of all photos of a style, in the photos' order. */
const scores = (style, kind, network) => subject(style, kind, network).values.nima_mean[0];

// What the intervals say: a difference whose interval holds zero cannot be told from it.
const losses = Object.fromEntries(styles.map((style) => [style, Object.fromEntries(networksOf(style).slice(1).map((network) => [network, subject(style, 'quality', network).difference_percent.total]))]));
const said = networks.slice(1).map((network) => {
  const has = stylesOf(network), better = has.filter((style) => losses[style][network].high < 0), worse = has.filter((style) => losses[style][network].low > 0);
  const rest = has.length - better.length - worse.length, most = [...has].sort((a, b) => losses[b][network].value - losses[a][network].value)[0];
  return `- **${network}**: ${better.length} of ${has.length} styles have a lower loss than ${before}'s, ${worse.length} a higher one, ${rest} cannot be told from it. ` +
    `The worst is ${title(most)}, ${signed(losses[most][network].value, 1)}%.`;
});

const cut = (from, to) => {
  const whole = text('table2.md'), start = whole.indexOf(from), end = whole.indexOf(to, start);
  return whole.slice(whole.indexOf('\n', start), end < 0 ? undefined : end).trim();
};
const first = text('first.txt').trim().split('\n').map((line) => line.split(' '));
const whole = (network) => first.filter(([name]) => name === network);

const parameters = Object.fromEntries(networks.map((network) => [network, read(`${network}.report.json`).net.parameters]));
const milliseconds = (style, kind, network) => timed(style, kind, network).latency_ms_median;
const speedUp = (style, kind, network) => milliseconds(style, kind, before) / milliseconds(style, kind, network);
const overStyles = (network, value) => median(stylesOf(network).map(value));
const summary = table(['network', 'parameters', 'C_r', '`.ptl`', 'S_r', 'ONNX Runtime', 'S_r', `loss against ${before}`], networks.map((network) => [network, thousands(parameters[network]),
  `${number(parameters[before] / parameters[network], 2)}x`,
  ...['ptl', 'onnx'].flatMap((kind) => [`${number(overStyles(network, (style) => milliseconds(style, kind, network)), 0)} ms`, `${number(overStyles(network, (style) => speedUp(style, kind, network)), 2)}x`]),
  network === before ? '' : [Math.min, Math.max].map((pick) => `${signed(pick(...stylesOf(network).map((style) => losses[style][network].value)), 1)}%`).join(' to ')]));

const metrics = [['total', 'loss', 0], ['style_reached', 'style reached', 3], ['ssim', 'SSIM', 3], ['border_tint', 'border tint', 1], ['border_detail', 'border detail', 2],
  ['grid_energy', 'grid', 2], ['flicker', 'flicker', 1]];
const speed = (kind) => table(['style', ...networks.flatMap((network, i) => [`${network}, ms`, ...(i ? ['S_r'] : [])])], styles.map((style) =>
  [title(style), ...networks.flatMap((network, i) => (!subject(style, 'quality', network) ? [none, none] :
    [number(milliseconds(style, kind, network), 1), ...(i ? [`${number(speedUp(style, kind, network), 2)}x`] : [])]))]));
const bytes = (network, kind) => statSync(join(folder, styles[0], `${network}.${kind}`)).size;

const document = `# The paper's experiment on the shipped networks

Written by \`${made.split('\n')[0].split(':')[0].split(' ')[0]}\`: ${made.split('\n')[1]}. The numbers behind it: [benchmarks/paper.json](benchmarks/paper.json).

Pei et al. (2020) replace the residual blocks of the original network by bottleneck blocks, and conclude that pictures lose almost nothing. Here are
their tables and figures from the networks of [models](../models), beside the paper's, and what they do not have: the loss itself, with
intervals. How each network was trained is in [models/README.md](../models/README.md): in short trainings, from different beginnings.

## What it says

Medians over the ${styles.length} styles of time for 256x256 on one thread; the loss of each style is below, lowest to highest here:

${summary}

Validation loss of ${subject(styles[0], 'quality', before).values.total[0].length} photos at 256 px, paired with ${before}'s photo by photo, 95% intervals over photos (one seed each):

${said.join('\n')}

${table(['loss against ' + before, ...networks.slice(1)], styles.map((style) => [title(style), ...networks.slice(1).map((network) => (losses[style][network] ? `${range(losses[style][network], 1, signed)}%` : none))]))}

What training alone, distilling and pruning give in the same few steps is in [compression.md](compression.md#what-distilling-and-pruning-give).

## Tables 1 and 2: parameters by layer

The paper's printed numbers, and computed ones. The printed total after compression, 363,712, is not the sum of its rows, 466,112.

${cut("## The paper's Table 2", '\n## ')}

## Table 3: size and time

The paper's, on a phone:

${cut("## The paper's Table 3", '\n## ')}

Ours: one thread, 256x256, median of ${all[styles[0]].ptl.repeats} repeats, the networks in turn. Files in bytes; C_r against ${before}:

${table(['network', '`.ptl`', 'C_r', '`.onnx`', 'C_r'], networks.map((network) => [network, ...['ptl', 'onnx'].flatMap((kind) =>
  [thousands(bytes(network, kind)), `${number(bytes(before, kind) / bytes(network, kind), 2)}x`])]))}

The Lite interpreter (\`.ptl\`):

${speed('ptl')}

ONNX Runtime:

${speed('onnx')}

ONNX Runtime, files for this size alone (\`--static 256x256\`), whose upsampling is one operator with the convolution after it:

${speed('static.onnx')}

This program:

${speed('program')}

## Table 4: from a file to a picture

The paper measures an app on six phones: installation, start and share of the processor. Here, on this machine: time to load the \`.ptl\` file, then
\`pocketstyle stylize\` from its start to its end for one photo of 720x480 (median of ${whole(before).length}):

${table(['network', 'load, ms', 'first picture, s', 'processor, % of a core', 'peak memory, MB'], networks.map((network) => [network, number(timed(styles[0], 'ptl', network).load_ms, 0),
  number(median(whole(network).map(([, s]) => Number(s))), 2), number(median(whole(network).map(([, , share]) => parseInt(share))), 0), number(median(whole(network).map(([, , , kb]) => Number(kb))) / 1024, 0)]))}

## Figures 4 and 5: NIMA

Predicted human ratings of ${styles.length * scores(styles[0], 'quality', before).length} pictures by two published NIMA networks, aesthetic (trained on AVA) and technical (on TID2013). Pictures are reduced by area averages.

![NIMA scores of the same pictures before and after compression, and by style](images/paper_nima.svg)

${table(['style', `aesthetic, ${before}`, ...networks.slice(1).map((network) => `${network} - ${before}`), `technical, ${before}`, `${after} - ${before}`], styles.map((style) => [title(style),
  number(subject(style, 'quality', before).mean.nima_mean.value, 2), ...networks.slice(1).map((network) => (losses[style][network] ? range(subject(style, 'quality', network).difference.nima_mean, 2, signed) : none)),
  number(subject(style, 'technical', before).mean.nima_mean.value, 2), range(subject(style, 'technical', after).difference.nima_mean, 2, signed)]))}

NIMA rates pictures and knows nothing of the style that was asked for. Set the differences against its spread from photo to photo within a style, up
to ${number(Math.max(...styles.map((style) => Math.max(...scores(style, 'quality', before)) - Math.min(...scores(style, 'quality', before)))), 1)} points for ${before}.

## Quality

Over the same photos. \`loss_ratio\` is the loss over that of a picture optimised for the photo in 120 evaluations of the same loss, which is the best that a
network could do if it had converged; below 1, the network's picture is better than it (${subject(styles[0], 'limit', before).values.total[0].length} photos). The other metrics are explained in
[evaluation.md](evaluation.md).

${table(['style, network', 'loss_ratio', ...metrics.map(([, name]) => name)], styles.flatMap((style) => networksOf(style).map((network) => [`${title(style)}, ${network}`,
  number(subject(style, 'limit', network).mean.loss_ratio.value, 2), ...metrics.map(([key, , digits]) => number(subject(style, 'quality', network).mean[key].value, digits))])))}
`;

// One line a picture: its number, the style's, and the scores.
const rows = styles.flatMap((style, s) => scores(style, 'quality', before).map((_, i, { length }) =>
  [s * length + i + 1, s + 1, ...['quality', 'technical'].flatMap((kind) => [before, after].map((network) => scores(style, kind, network)[i].toFixed(4)))].join(' ')));
writeFileSync(join(folder, 'nima.dat'), `${rows.join('\n')}\n`);
const perStyle = scores(styles[0], 'quality', before).length;
writeFileSync(join(folder, 'figures.gp'), `set terminal svg size 900,640 font 'sans-serif,13' background '#ffffff'
set output 'docs/images/paper_nima.svg'
data = '${join(folder, 'nima.dat')}'
set multiplot
set yrange [1:10]; set ytics 1; set grid ytics lc rgb '#dddddd'; set border 3 lc rgb '#888888'; set tics nomirror; set ylabel 'NIMA score'; set key top right horizontal
set size 0.5,0.5
set xlabel 'picture'; set xrange [0:${rows.length + 1}]
set origin 0,0.5; set title 'Figure 4(a): before compression (${before})'
plot data using 1:3 with linespoints pt 7 ps 0.4 lc rgb '#1f5fa8' title 'aesthetic', data using 1:5 with linespoints pt 5 ps 0.3 lc rgb '#d0761a' title 'technical'
set origin 0.5,0.5; set title 'Figure 4(b): after compression (${after})'
plot data using 1:4 with linespoints pt 7 ps 0.4 lc rgb '#1f5fa8' title 'aesthetic', data using 1:6 with linespoints pt 5 ps 0.3 lc rgb '#d0761a' title 'technical'
set size 1,0.5; set origin 0,0
set title 'Figure 5: by style, after compression (${after}), ${perStyle} photos each'
set xrange [0.5:${styles.length + 0.5}]; set xlabel ''; set xtics (${styles.map((style, i) => `"${title(style)}" ${i + 1}`).join(', ')})
set style fill solid 0.3; set boxwidth 0.25; set style boxplot nooutliers
plot ${styles.map((_, i) => `data using (${i + 1 - 0.15}):($2==${i + 1}?$4:1/0) with boxplot lc rgb '#1f5fa8' ${i ? 'notitle' : "title 'aesthetic'"}, data using (${i + 1 + 0.15}):($2==${i + 1}?$6:1/0) with boxplot lc rgb '#d0761a' ${i ? 'notitle' : "title 'technical'"}`).join(', ')}
unset multiplot
`);
const kept = (value) => (typeof value === 'number' ? Number(value.toPrecision(7)) : value);
const known = (key, value) => (key === 'help' || key === 'files' || key === 'file' && /^\//.test(value) ? undefined : kept(value));
writeFileSync(join(folder, 'paper.json.new'), `${JSON.stringify({ made: made.split('\n'), styles, networks, measurements: all, first_picture: first }, known)}\n`);
writeFileSync(join(folder, 'paper.md.new'), document);
