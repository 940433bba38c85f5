using System.Net;

namespace RestKv.Api.Security.Auth;

/// <summary>Somebody, somewhere, shows a password. Judged and counted while it is its turn, so that many at a time are no way around.</summary>
internal sealed record LoginAttempt(LoginLimits Limits, string Name, IPAddress? Address)
{
    /// <summary>No user's is longer; what is remembered of failures would be as long as a request.</summary>
    private const int NameLengthMax = 1_024;

    /// <summary>Of nobody who could be a user.</summary>
    public bool IsHopeless => Name.Length > NameLengthMax;

    /// <summary>How long it has to wait; zero when it may be tried now.</summary>
    public TimeSpan Delay => Limits.Delay(Name, Address);

    public void Settle(bool isRight)
    {
        if (isRight)
        {
            Limits.Succeeded(Name, Address);
        }
        else
        {
            Limits.Failed(Name, Address);
        }
    }
}
