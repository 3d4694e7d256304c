import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import { boolean, enumeration, integer, logicalNameType } from "../model/types.js";

export const disconnectControlState = { disconnected: 0, connected: 1, readyForReconnection: 2 } as const;

/** A valve or a supply switch. IEC 62056-6-2, class_id 70, version 0. */
export const DisconnectControl = defineInterfaceClass({
  name: "Disconnect control",
  classId: 70,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** True: connected. */
    outputState: attribute(2, boolean, { access: "get", dynamic: true }),
    controlState: attribute(3, enumeration(disconnectControlState), { access: "get", dynamic: true }),
    /** Which of remote, manual and local may disconnect and reconnect; modes 0 to 6. */
    controlMode: attribute(4, enumeration({ mode0: 0, mode1: 1, mode2: 2, mode3: 3, mode4: 4, mode5: 5, mode6: 6 }), {
      access: "getSet",
    }),
  },
  methods: {
    remoteDisconnect: method(1, integer),
    remoteReconnect: method(2, integer),
  },
});
