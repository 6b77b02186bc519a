// SPDX-License-Identifier: Apache-2.0
// Puts paintings of Debian's package gcompris-qt-data together, whose game has them as pieces of a puzzle, and writes them as PNG:
//   node gcompris_paintings.mjs FOLDER NAME...     such as mary_cassatt_summertime
// The pieces lie in a binary Qt resource (a tree of names and data, big-endian; Qt's qresource.cpp and rcc.cpp), which no tool of Qt 5
// unpacks. Needs ImageMagick.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inflateSync } from 'node:zlib';

/** The files of a binary Qt resource: a map from path to bytes. */
function filesOf(resource) {
  const [version, tree, data, names] = [4, 8, 12, 16].map((offset) => resource.readUInt32BE(offset));
  const nodeSize = version >= 2 ? 22 : 14; // version 2 added a time
  const isFolder = 2, isCompressed = 1;
  const nameAt = (offset) => {
    const characters = resource.readUInt16BE(names + offset);
    return Buffer.from(resource.subarray(names + offset + 6, names + offset + 6 + 2 * characters)).swap16().toString('utf16le');
  };
  const files = new Map();
  const visit = (index, folder) => {
    const node = tree + index * nodeSize;
    const path = index === 0 ? '' : join(folder, nameAt(resource.readUInt32BE(node)));
    const flags = resource.readUInt16BE(node + 4);
    if (flags & isFolder) {
      const [children, first] = [resource.readUInt32BE(node + 6), resource.readUInt32BE(node + 10)];
      for (let i = 0; i < children; ++i) visit(first + i, path);
      return;
    }
    const begin = data + resource.readUInt32BE(node + 10) + 4;
    const bytes = resource.subarray(begin, begin + resource.readUInt32BE(begin - 4));
    files.set(path, flags & isCompressed ? inflateSync(bytes.subarray(4)) : bytes); // the first 4 bytes: its length
  };
  visit(0, '');
  return files;
}

/** A board of the game: its painting's name, the size of its background, and the pieces with their centres as fractions of that. */
function boardOf(qml) {
  const size = ['width', 'height'].map((side) => Number(qml.match(new RegExp(`"${side}": (\\d+)`))?.[1]));
  const pieces = [...qml.matchAll(/"pixmapfile" : "([^"]*\.webp)",\s*"x" : "([\d.]+)",\s*"y" : "([\d.]+)"/g)];
  return {
    name: qml.match(/qsTr\("([^"]*)"\)/)?.[1].toLowerCase().replace(/[^a-z]+/g, '_').replace(/_$/, ''),
    size,
    pieces: pieces.map(([, file, x, y]) => ({ file, centre: [x * size[0], y * size[1]] })),
  };
}

const [folder, ...wanted] = process.argv.slice(2);
const files = filesOf(readFileSync('/usr/share/gcompris-qt/rcc/paintings.rcc'));
const boards = [...files].filter(([path]) => path.endsWith('.qml')).map(([, bytes]) => boardOf(bytes.toString()));
const pathOf = (file) => [...files.keys()].find((path) => path.endsWith(file));
const work = join(folder, 'pieces');
mkdirSync(work, { recursive: true });
for (const name of wanted) {
  const board = boards.find((one) => one.name === name);
  if (!board) throw new Error(`expected one of ${boards.map((one) => one.name).filter(Boolean).join(', ')}, found ${name}`);
  const placed = board.pieces.flatMap(({ file, centre }) => {
    const piece = join(work, basename(file));
    writeFileSync(piece, files.get(pathOf(file)));
    const sides = execFileSync('identify', ['-format', '%w %h', piece]).toString().split(' ');
    const [x, y] = centre.map((at, axis) => Math.round(at - sides[axis] / 2)).map((at) => (at < 0 ? at : `+${at}`));
    return [piece, '-geometry', `${x}${y}`, '-composite'];
  });
  execFileSync('convert', ['-size', board.size.join('x'), 'xc:none', ...placed, '-trim', '+repage', '-background', 'white', '-flatten',
    join(folder, `${name}.png`)]);
}
