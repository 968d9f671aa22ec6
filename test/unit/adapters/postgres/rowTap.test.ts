import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { RowBlocks } from '../../../../src/adapters/postgres/rowBlocks.ts';
import { RowTap } from '../../../../src/adapters/postgres/rowTap.ts';
import { packRows } from '../../../../src/core/results/rowCodec.ts';
import { unpackRows } from '../../../../src/core/sql/packedRows.ts';
import type { Row } from '../../../../src/core/sql/result.ts';

/** As `pg` attaches itself to its stream, as far as a tap can tell. */
class FakeConnection {
  readonly stream = new EventEmitter();
  readonly got: string[] = [];
  heard = (message: string): void => void message;

  attachListeners(stream: { on(event: string, listener: (bytes: Uint8Array) => void): unknown }): void {
    stream.on('data', (bytes) => {
      for (const message of messagesIn(bytes)) {
        this.got.push(message);
        this.heard(message);
      }
    });
  }
}

/** Types of the messages in the bytes, each with its length; throws when one is not whole. */
function messagesIn(bytes: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at + 1);
    assert.ok(at + 1 + length <= bytes.length, 'half a message');
    found.push(`${String.fromCharCode(bytes[at] ?? 0)}${length}`);
    at += 1 + length;
  }
  return found;
}

function message(type: string, body: Uint8Array | string = ''): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([header, bytes]);
}

const dataRow = (row: Row): Buffer => message('D', packRows([row]).bytes);

describe('rows, on their way to pg', () => {
  const rows: Row[] = [['1', null], ['', 'ä'.repeat(40)], [], ...Array.from({ length: 30 }, (_, index): Row => [String(index), 'x'.repeat(index * 7)])];
  const notice = message('N', 'SNOTICE');
  const answer = Buffer.concat([message('1'), message('T', 'columns'), ...rows.slice(0, 5).map(dataRow), notice, ...rows.slice(5).map(dataRow), message('C', 'SELECT 3'), message('Z', 'I')]);
  const others = ['14', 'T11', 'N11', 'C12', 'Z5'];

  let connection: FakeConnection;
  let tap: RowTap;
  let blocks: RowBlocks;
  beforeEach(() => {
    connection = new FakeConnection();
    tap = RowTap.on(connection);
    blocks = new RowBlocks(() => {});
    connection.attachListeners(connection.stream);
  });
  const taken = (): Row[] => {
    const found: Row[] = [];
    for (let block = blocks.take(); block !== undefined; block = blocks.take()) {
      found.push(...unpackRows({ ...block, booleans: [] }));
    }
    return found;
  };

  it('are taken out and nothing else is, wherever the network cuts', () => {
    tap.rows = blocks;
    for (const size of [1, 2, 3, 4, 5, 6, 7, 11, 64, 100, answer.length]) {
      connection.got.length = 0;
      for (let at = 0; at < answer.length; at += size) {
        connection.stream.emit('data', answer.subarray(at, at + size));
      }
      assert.deepEqual(connection.got, others, `in pieces of ${size}`);
      assert.deepEqual(taken(), rows, `in pieces of ${size}`);
      assert.equal(blocks.waiting, 0);
    }
  });

  it('are pg’s own as long as nobody wants them, whole', () => {
    for (let at = 0; at < answer.length; at += 9) {
      connection.stream.emit('data', answer.subarray(at, at + 9));
    }
    assert.equal(connection.got.length, others.length + rows.length);
    assert.deepEqual(taken(), []);
  });

  it('are pg’s again from the message on after which nobody wants them', () => {
    tap.rows = blocks;
    connection.heard = (heard) => {
      tap.rows = heard === 'C12' ? undefined : tap.rows;
    };
    connection.stream.emit('data', Buffer.concat([answer, dataRow(['late'])]));
    assert.deepEqual(connection.got, [...others, 'D14']);
    assert.deepEqual(taken(), rows);
  });

  it('may be larger than any block, and come in thousands of pieces', () => {
    tap.rows = blocks;
    const large = dataRow(['x'.repeat(3_000_000)]);
    for (let at = 0; at < large.length; at += 1000) {
      connection.stream.emit('data', large.subarray(at, at + 1000));
    }
    connection.stream.emit('data', dataRow(['after']));
    assert.equal(blocks.waiting, large.length + 16);
    assert.deepEqual(taken().map(([cell]) => cell?.length), [3_000_000, 5]);
  });
});
