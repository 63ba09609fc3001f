import type { SelfSubjectReview } from "@tskube/api";
import type { User } from "../user.ts";
import { userInfo } from "./user-info.ts";

/** Who am I? (`kubectl auth whoami`) */
export async function reviewSelfSubject(user: User, review: SelfSubjectReview): Promise<SelfSubjectReview> {
  return { ...review, status: { userInfo: userInfo(user) } };
}
