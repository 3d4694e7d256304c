/** The reception service over what the readout hears; the two meet in the host. */
import type { Principal } from "../../../cosem/index.js";
import { mediumName } from "../../mbus/index.js";
import type { ReceiverStatus, Reception, ReceptionPage } from "../../ports/index.js";
import { hasRight } from "../rights.js";
import type { ReceptionService } from "./contract.js";

/** What is heard; the readout's reception list fits it. */
export interface ReceptionSource {
  page(query: { readonly afterNumber?: number; readonly limit: number }): ReceptionPage;
  receivers(): readonly ReceiverStatus[];
}

export interface ReceptionServiceParts {
  readonly source: ReceptionSource;
  /** The device of an installed meter by what a reception is named. */
  readonly deviceOf: (reception: Reception) => string | undefined;
}

export function createReceptionService({ source, deviceOf }: ReceptionServiceParts): ReceptionService {
  const mayRead = (principal: Principal) => hasRight(principal, "receptions.read");
  return {
    list(principal, query) {
      if (!mayRead(principal)) return { receptions: [], nextAfterNumber: undefined, total: 0 };
      const page = source.page(query);
      const receptions = page.receptions.map((reception) => ({
        ...reception,
        mediumName: mediumName(reception.medium),
        device: deviceOf(reception),
      }));
      return { ...page, receptions };
    },
    receivers: (principal) => (mayRead(principal) ? source.receivers() : []),
  };
}
