/** Users of an association (Association LN from version 2 on): who may open it, and who has. */
import type { AssociationUser } from "../../classes/index.js";
import type { AccessContext, Answer, AssociationSession, Refused } from "../contract.js";
import { refused } from "../refused.js";

/** Where the list of users is kept. */
export interface AssociationUsers {
  list(): readonly AssociationUser[];
  /** Keeps a whole new list; list() gives it from then on. Without it both methods are refused. */
  readonly changed?: (users: readonly AssociationUser[], context: AccessContext) => Answer<undefined | Refused>;
}

/** user_id is one octet. */
const mostUsers = 256;

const nobody: AssociationUser = Object.freeze({ userId: 0, userName: "" });

export function currentUser(
  users: AssociationUsers | undefined,
  session: AssociationSession | undefined,
): AssociationUser {
  return users?.list().find(({ userId }) => userId === session?.userId) ?? nobody;
}

/** Whether a calling-AE-invocation-id may open the association: any where no users are listed. */
export function isUserPermitted(users: AssociationUsers, userId: number | undefined): boolean {
  const list = users.list();
  return list.length === 0 || list.some((user) => user.userId === userId);
}

/** An id that is taken is refused: the name behind it is not exchanged unseen. */
export function addUser(
  users: AssociationUsers,
  user: AssociationUser,
  context: AccessContext,
): Answer<undefined | Refused> {
  if (users.changed === undefined) return refused.readWriteDenied;
  const list = users.list();
  if (list.length >= mostUsers || list.some(({ userId }) => userId === user.userId)) return refused.otherReason;
  return users.changed([...list, user], context);
}

export function removeUser(
  users: AssociationUsers,
  user: AssociationUser,
  context: AccessContext,
): Answer<undefined | Refused> {
  if (users.changed === undefined) return refused.readWriteDenied;
  const list = users.list();
  const left = list.filter(({ userId, userName }) => userId !== user.userId || userName !== user.userName);
  if (left.length === list.length) return refused.otherReason;
  return users.changed(left, context);
}
