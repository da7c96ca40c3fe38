import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { answer, api, Refusal, type Schemas, setCsrfToken } from "../api/client";

export type Session = Schemas["SessionView"];

const KEY = ["session"];

/** Who is signed in; null: nobody. */
export function useSessionQuery() {
  return useQuery({
    queryKey: KEY,
    staleTime: 60_000,
    queryFn: async () => {
      try {
        const session = await answer(api.GET("/api/v1/session"));
        setCsrfToken(session.csrf_token);
        return session;
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) return null;
        throw error;
      }
    },
  });
}

/** Lets screens in after signing in, or shuts them after signing out. */
export function useEnter() {
  const queries = useQueryClient();
  return (session: Session | null) => {
    setCsrfToken(session?.csrf_token ?? "");
    queries.clear();
    queries.setQueryData(KEY, session);
  };
}

export const SessionContext = createContext<Session | null>(null);

/** The session, on every screen inside the shell. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("outside of the shell");
  return session;
}

/** Whether the signed-in person holds a permission somewhere in their area. */
export function useMay(): (permission: string) => boolean {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission);
}
