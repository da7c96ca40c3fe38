import { lazy } from "react";
import type { RouteObject } from "react-router";

const SchedulePage = lazy(() => import("./SchedulePage"));

export const routes: RouteObject[] = [{ path: "/lich", element: <SchedulePage /> }];
