import { lazy } from "react";
import type { RouteObject } from "react-router";

const EmergencyPage = lazy(() => import("./EmergencyPage"));

export const routes: RouteObject[] = [{ path: "/khan-cap", element: <EmergencyPage /> }];
