import { lazy } from "react";
import type { RouteObject } from "react-router";

const TerminalsPage = lazy(() => import("./TerminalsPage"));
const TerminalPage = lazy(() => import("./TerminalPage"));
const EnrolmentPage = lazy(() => import("./EnrolmentPage"));

export const routes: RouteObject[] = [
  { path: "/loa", element: <TerminalsPage /> },
  { path: "/loa/lap-moi", element: <EnrolmentPage /> },
  { path: "/loa/:terminalId", element: <TerminalPage /> },
];
