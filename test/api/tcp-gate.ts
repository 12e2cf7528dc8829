/** A TCP proxy that can be shut and opened again: for its clients, the server behind it is away in between. */
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { cleanUp } from '../support/clean-up';

export interface TcpGate {
  readonly port: number;
  /** Cuts what is connected and refuses what comes. */
  shut(): void;
  open(): void;
}

export async function tcpGate(target: { readonly host: string; readonly port: number }): Promise<TcpGate> {
  const sockets = new Set<net.Socket>();
  let isOpen = true;
  const server = net.createServer((inbound) => {
    if (!isOpen) {
      inbound.destroy();
      return;
    }
    const outbound = net.connect(target);
    for (const [socket, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  cleanUp(() => {
    cut();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      isOpen = false;
      cut();
    },
    open() {
      isOpen = true;
    },
  };
}
