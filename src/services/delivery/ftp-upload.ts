/** A report as a file on an FTP server: put under another name first, so that nobody takes it half written. */
import { Client, FTPError } from "basic-ftp";
import type { ReceiverSettings } from "../../settings/types.js";
import type { DeliveryFile } from "./contract.js";
import { DeliveryError, toDeliveryError } from "./failure.js";

export type FtpReceiver = Extract<ReceiverSettings, { kind: "ftp" }>;

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** Further certificates to trust, PEM; undefined: those of the system's store alone. */
  readonly trustedCertificates: readonly string[] | undefined;
}

const security = { clear: false, explicit: true, implicit: "implicit" } as const;
const notLoggedIn = 530;

/**
 * Resolves when the file stands under its name in the receiver's folder.
 * @throws DeliveryError
 */
export async function uploadFile(file: DeliveryFile, receiver: FtpReceiver, options: UploadOptions): Promise<void> {
  const { signal, trustedCertificates } = options;
  // The whole try is timed by whoever holds the signal.
  const client = new Client(0);
  const abort = () => client.close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    await client.access({
      host: receiver.host,
      port: receiver.port,
      user: receiver.user,
      password: receiver.password?.reveal() ?? "guest",
      secure: security[receiver.security],
      ...(trustedCertificates === undefined ? {} : { secureOptions: { ca: [...trustedCertificates] } }),
    });
    if (receiver.folder !== "." && receiver.folder !== "") await client.ensureDir(receiver.folder);
    const partial = `${file.name}.part`;
    await client.uploadFrom(file.path, partial);
    await client.rename(partial, file.name);
  } catch (error) {
    if (!(error instanceof FTPError)) throw toDeliveryError(error);
    if (error.code === notLoggedIn) throw new DeliveryError("loginRefused", "the FTP server refused the login");
    throw new DeliveryError("refused", `the FTP server said: ${error.message}`);
  } finally {
    signal.removeEventListener("abort", abort);
    client.close();
  }
}
