/**
 * The dashboard: a page at {@code /dashboard/} that shows a cluster in a browser.
 *
 * <p>The page is static and open to everyone. What it shows it reads through the API, by list and
 * watch, as the user whose token it is given: it has no rights of its own and no content of the
 * cluster. Its parts are in {@code src/main/resources/dashboard}: {@code main.js} (login, views),
 * {@code cluster.js} and {@code follow.js} (list and watch), {@code way.js} (the way of a request,
 * without page and network), {@code views.js} and {@code wayview.js} (elements).
 *
 * <p>Start at {@link dev.coracle.apiserver.dashboard.DashboardRouter}. Rule: nothing comes from
 * another host, and no text of the cluster is read as HTML.
 */
@NullMarked
package dev.coracle.apiserver.dashboard;

import org.jspecify.annotations.NullMarked;
