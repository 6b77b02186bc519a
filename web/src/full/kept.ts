// SPDX-License-Identifier: Apache-2.0
// Levels that are kept, in half precision: rows are added at the end, read anywhere, and given back from the top. All levels share blocks of
// one size, which are used again at once. Blocks lie in a file of the browser's own storage where there is one, otherwise in memory.

/** Where blocks are. `block` counts from 0; a new one is used without notice. */
export interface Store {
  write(block: number, at: number, numbers: Uint16Array): void;
  read(block: number, at: number, into: Uint16Array): void;
}

export class MemoryStore implements Store {
  private readonly blocks: Uint16Array[] = [];
  constructor(private readonly length: number) {}
  write(block: number, at: number, numbers: Uint16Array): void {
    (this.blocks[block] ??= new Uint16Array(this.length)).set(numbers, at);
  }
  read(block: number, at: number, into: Uint16Array): void {
    into.set(this.blocks[block]!.subarray(at, at + into.length));
  }
}

/** Blocks that are taken and given back. */
export class Blocks {
  private free: number[] = [];
  made = 0;
  constructor(
    readonly length: number,
    readonly store: Store = new MemoryStore(length),
  ) {}

  take(): number {
    return this.free.pop() ?? this.made++;
  }
  give(block: number): void {
    this.free.push(block);
  }
}

export class KeptLevel {
  private blocks: (number | undefined)[] = [];
  private readonly rowsPerBlock: number;
  private rows = 0;
  private scratch = new Uint16Array();

  constructor(
    private readonly pool: Blocks,
    private readonly channels: number,
    private readonly width: number,
  ) {
    this.rowsPerBlock = Math.floor(pool.length / (channels * width));
    if (this.rowsPerBlock === 0) throw new Error(`a row of ${channels} x ${width} numbers does not fit in a block of ${pool.length}`);
  }

  /** For rows first..end: where they are in a block, and in what is copied. */
  private each(first: number, end: number, copy: (block: number, row: number, at: number, count: number) => void): void {
    for (let row = first; row < end; ) {
      const inBlock = row % this.rowsPerBlock, count = Math.min(end - row, this.rowsPerBlock - inBlock);
      copy(Math.floor(row / this.rowsPerBlock), inBlock, row - first, count);
      row += count;
    }
  }

  /** Channel by channel, row by row. */
  append(rows: Uint16Array): void {
    const { channels, width, rowsPerBlock, pool } = this, count = rows.length / (channels * width);
    this.each(this.rows, this.rows + count, (index, row, at, n) => {
      const block = (this.blocks[index] ??= pool.take());
      for (let c = 0; c < channels; ++c)
        pool.store.write(block, (c * rowsPerBlock + row) * width, rows.subarray((c * count + at) * width, (c * count + at + n) * width));
    });
    this.rows += count;
  }

  /** Valid until the next call. */
  read(first: number, end: number): Uint16Array {
    const { channels, width, rowsPerBlock, pool } = this, count = end - first, length = channels * count * width;
    if (this.scratch.length < length) this.scratch = new Uint16Array(length);
    const rows = this.scratch.subarray(0, length);
    this.each(first, end, (index, row, at, n) => {
      const block = this.blocks[index];
      if (block === undefined) throw new Error(`row ${first + at} was given back`);
      for (let c = 0; c < channels; ++c)
        pool.store.read(block, (c * rowsPerBlock + row) * width, rows.subarray((c * count + at) * width, (c * count + at + n) * width));
    });
    return rows;
  }

  /** Gives back what lies above row `first`. */
  giveBack(first = Infinity): void {
    for (let i = 0; i < this.blocks.length && (i + 1) * this.rowsPerBlock <= first; ++i) {
      const block = this.blocks[i];
      if (block !== undefined) this.pool.give(block);
      this.blocks[i] = undefined;
    }
  }
}
