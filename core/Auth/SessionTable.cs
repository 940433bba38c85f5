using System.Collections.Immutable;

namespace RestKv.Core.Auth;

/// <summary>
/// Who has logged in, by the digest of what they show. Bounded: a user that logs in too often loses its own oldest sessions
/// first. Immutable.
/// </summary>
public sealed class SessionTable
{
    public const int SessionsMax = 65_536;
    public const int SessionsPerUserMax = 4_096;

    /// <summary>How long it is remembered whose a login was that has ended.</summary>
    public const long RemembranceMs = 600_000;

    public static readonly SessionTable Empty = new(
        ImmutableSortedDictionary<TokenDigest, Session>.Empty, ImmutableSortedSet<(long, TokenDigest)>.Empty,
        ImmutableSortedSet<UserEntry>.Empty);

    private readonly ImmutableSortedDictionary<TokenDigest, Session> _sessions;
    private readonly ImmutableSortedSet<(long DeadlineMs, TokenDigest Digest)> _byDeadline;
    private readonly ImmutableSortedSet<UserEntry> _byUser;

    private SessionTable(
        ImmutableSortedDictionary<TokenDigest, Session> sessions, ImmutableSortedSet<(long, TokenDigest)> byDeadline,
        ImmutableSortedSet<UserEntry> byUser) =>
        (_sessions, _byDeadline, _byUser) = (sessions, byDeadline, byUser);

    public int Count => _sessions.Count;

    /// <summary>In the order of their digests.</summary>
    public IEnumerable<Session> All => _sessions.Values;

    public Session? Find(TokenDigest digest) => _sessions.GetValueOrDefault(digest);

    /// <summary>Those of a user, the one that ends first in front.</summary>
    public IReadOnlyList<Session> Of(string user)
    {
        var found = new List<Session>();
        for (var at = FirstOf(user); at < _byUser.Count && _byUser[at].User == user; at++)
        {
            found.Add(_sessions[_byUser[at].Digest]);
        }

        return found;
    }

    /// <summary>Those whose time is over, the longest first.</summary>
    public IEnumerable<Session> Over(long nowMs) =>
        _byDeadline.TakeWhile(entry => entry.DeadlineMs <= nowMs).Select(entry => _sessions[entry.Digest]);

    /// <summary>
    /// In a table of sessions that have ended, which each of these now is. Tickets and cookies keep nothing alive and are forgotten.
    /// </summary>
    public SessionTable Remembering(IEnumerable<Session> ended, long nowMs)
    {
        var table = this;
        foreach (var session in ended.Where(session => session.Kind == SessionKind.Login))
        {
            var endedMs = Math.Min(session.DeadlineMs, nowMs);
            table = table.With(session with { Slides = false, DeadlineMs = endedMs + RemembranceMs }, nowMs);
        }

        return table;
    }

    /// <summary>Takes a session in; what has ended goes, and when there is no room the oldest.</summary>
    public SessionTable With(Session session, long nowMs)
    {
        var table = Find(session.Digest) is { } same ? Without(same) : this;
        while (table._byDeadline.Count > 0 && (table._byDeadline.Min.DeadlineMs <= nowMs || table.Count >= SessionsMax))
        {
            table = table.Without(table._sessions[table._byDeadline.Min.Digest]);
        }

        var own = table.FirstOf(session.User);
        if (own + SessionsPerUserMax <= table._byUser.Count && table._byUser[own + SessionsPerUserMax - 1].User == session.User)
        {
            table = table.Without(table._sessions[table._byUser[own].Digest]);
        }

        return table.Add(session);
    }

    /// <summary>Starts the time of a session anew, if it slides and has not ended.</summary>
    public SessionTable Touched(TokenDigest digest, long nowMs) =>
        Find(digest) is { Slides: true } session && session.DeadlineMs > nowMs
            ? Without(session).Add(session with { DeadlineMs = nowMs + session.TtlMs })
            : this;

    public SessionTable Without(Session session) => new(
        _sessions.Remove(session.Digest), _byDeadline.Remove((session.DeadlineMs, session.Digest)),
        _byUser.Remove(new UserEntry(session.User, session.DeadlineMs, session.Digest)));

    public SessionTable WithoutUser(string user)
    {
        var table = this;
        foreach (var session in Of(user))
        {
            table = table.Without(session);
        }

        return table;
    }

    private SessionTable Add(Session session) => new(
        _sessions.Add(session.Digest, session), _byDeadline.Add((session.DeadlineMs, session.Digest)),
        _byUser.Add(new UserEntry(session.User, session.DeadlineMs, session.Digest)));

    /// <summary>Where the sessions of a user begin, or would.</summary>
    private int FirstOf(string user)
    {
        var at = _byUser.IndexOf(new UserEntry(user, long.MinValue, TokenDigest.Least));
        return at < 0 ? ~at : at;
    }

    private readonly record struct UserEntry(string User, long DeadlineMs, TokenDigest Digest) : IComparable<UserEntry>
    {
        public int CompareTo(UserEntry other)
        {
            var order = string.CompareOrdinal(User, other.User);
            order = order != 0 ? order : DeadlineMs.CompareTo(other.DeadlineMs);
            return order != 0 ? order : Digest.CompareTo(other.Digest);
        }
    }
}
