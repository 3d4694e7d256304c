/** What a ByteChannel reports. */
export interface ByteListener {
  received(bytes: Uint8Array): void;
  /** The channel is gone; `cause` in words when it was not asked for. Called once. */
  closed(cause: string | undefined): void;
}

/** A two-way byte stream: TCP connection, serial line, pty. */
export interface ByteChannel {
  /** Set once, before any byte arrives. */
  listen(listener: ByteListener): void;
  /** Resolves when the bytes were handed to the operating system; rejects when the channel is closed. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Where the line's rate can be changed between two dialogues: resolves when it has been. */
  setBaudRate?(baudRate: number): Promise<void>;
}
