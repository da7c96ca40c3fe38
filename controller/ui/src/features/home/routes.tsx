import { lazy } from "react";
import type { RouteObject } from "react-router";

const HomePage = lazy(() => import("./HomePage"));

export const routes: RouteObject[] = [{ path: "/", element: <HomePage /> }];
