import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import type { Policy } from "./rules";

export type Account = Schemas["AccountView"];
export type Role = Account["role"];
export type Link = Schemas["LinkView"];
export type Token = Schemas["TokenView"];
export type AuditEntry = Schemas["AuditView"];

export const ROLES: readonly Role[] = ["operator", "approver", "administrator", "monitor"];

/** A change that makes the given lists be read anew. */
function useChange<Input, Result>(change: (input: Input) => Promise<Result>, ...read: string[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(read.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

export function useCreateArea() {
  return useChange(
    (body: Schemas["AreaBody"]) => answer(api.POST("/api/v1/areas", { body })),
    "area",
  );
}

export function useRenameArea(id: string) {
  return useChange(
    (body: Schemas["AreaChange"]) =>
      answer(api.PATCH("/api/v1/areas/{area_id}", { params: { path: { area_id: id } }, body })),
    "area",
  );
}

export function useAccounts() {
  return useQuery({
    queryKey: ["account", "list"],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/accounts", { params: { query: { limit: 500 } } }))).items,
  });
}

export function useCreateAccount() {
  return useChange(
    (body: Schemas["AccountBody"]) => answer(api.POST("/api/v1/accounts", { body })),
    "account",
  );
}

const one = (id: string) => ({ params: { path: { account_id: id } } });

export function useResetLink() {
  return useChange((id: string) => answer(api.POST("/api/v1/accounts/{account_id}/link", one(id))));
}

export function useSetDisabled() {
  return useChange(
    ({ id, disabled }: { id: string; disabled: boolean }) =>
      answer(
        disabled
          ? api.POST("/api/v1/accounts/{account_id}/disable", one(id))
          : api.POST("/api/v1/accounts/{account_id}/enable", one(id)),
      ),
    "account",
  );
}

export function useSignOutEverywhere() {
  return useChange((id: string) =>
    answer(api.POST("/api/v1/accounts/{account_id}/sign-out", one(id))),
  );
}

export function useChangeAccount(id: string) {
  return useChange(
    (body: Partial<Schemas["AccountChange"]>) =>
      answer(
        api.PATCH("/api/v1/accounts/{account_id}", {
          ...one(id),
          // Fields that are left out stay as they are; the generated type wants them all.
          body: body as Schemas["AccountChange"],
        }),
      ),
    "account",
  );
}

export function usePolicy(area: string) {
  return useQuery({
    queryKey: ["policy", area],
    queryFn: () =>
      answer(api.GET("/api/v1/areas/{area_id}/policy", { params: { path: { area_id: area } } })),
  });
}

export function useSetPolicy(area: string) {
  return useChange(
    (body: Policy) =>
      answer(
        api.PUT("/api/v1/areas/{area_id}/policy", { params: { path: { area_id: area } }, body }),
      ),
    "policy",
  );
}

export function useTokens() {
  return useQuery({
    queryKey: ["token"],
    queryFn: async () => (await answer(api.GET("/api/v1/tokens"))).items,
  });
}

export function useCreateToken() {
  return useChange(
    (body: Schemas["TokenBody"]) => answer(api.POST("/api/v1/tokens", { body })),
    "token",
  );
}

export function useRevokeToken() {
  return useChange(
    (id: string) =>
      answer(api.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id: id } } })),
    "token",
  );
}

/** Who did what, newest first, page by page. */
export function useAudit(area: string | null) {
  return useInfiniteQuery({
    queryKey: ["audit", area],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/audit", {
          params: {
            query: {
              limit: 100,
              ...(area === null ? {} : { area_id: area }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
}
