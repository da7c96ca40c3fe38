import type { RouteObject } from "react-router";
import { EnrolmentPage } from "./EnrolmentPage";
import { TerminalPage } from "./TerminalPage";
import { TerminalsPage } from "./TerminalsPage";

export const routes: RouteObject[] = [
  { path: "/loa", element: <TerminalsPage /> },
  { path: "/loa/lap-moi", element: <EnrolmentPage /> },
  { path: "/loa/:terminalId", element: <TerminalPage /> },
];
