import "@mantine/core/styles.css";
import "@mantine/dates/styles.css";
import "@mantine/notifications/styles.css";
import "./fonts.css";
import "./base.css";
import { MantineProvider } from "@mantine/core";
import { DatesProvider } from "@mantine/dates";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import "dayjs/locale/vi";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "../api/client";
import { theme, variables } from "./theme";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal does not get better by asking again; an unreachable controller may.
      retry: (count, error) => !(error instanceof Refusal && error.status > 0) && count < 3,
    },
    mutations: { retry: false },
  },
});

export function Providers({ children }: { children: ReactNode }) {
  const { i18n, t } = useTranslation();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <DatesProvider settings={{ locale: i18n.language, firstDayOfWeek: 1 }}>
        <QueryClientProvider client={queries}>
          <ModalsProvider labels={{ confirm: t("general.confirm"), cancel: t("general.cancel") }}>
            <Notifications position="top-center" containerWidth={420} />
            {children}
          </ModalsProvider>
        </QueryClientProvider>
      </DatesProvider>
    </MantineProvider>
  );
}
