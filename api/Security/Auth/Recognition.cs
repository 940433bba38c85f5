namespace RestKv.Api.Security.Auth;

/// <summary>Whom something that was shown belongs to, or why to nobody.</summary>
internal readonly record struct Recognition(Principal? Principal, RecognitionFault Fault, TimeSpan RetryAfter = default)
{
    public static Recognition Refused(RecognitionFault fault) => new(null, fault);
}

internal enum RecognitionFault : byte
{
    None = 0,

    /// <summary>Unknown, malformed, wrong: nobody is told which.</summary>
    Unknown = 1,

    /// <summary>It was good once, so its holder may know that it is over.</summary>
    Expired = 2,

    /// <summary>Too many failures: see the time.</summary>
    RateLimited = 3,

    /// <summary>Too many are being checked.</summary>
    Overloaded = 4,

    /// <summary>Logging in makes no sense while authentication is off.</summary>
    NotEnabled = 5,

    /// <summary>The log could not be asked.</summary>
    Unavailable = 6,
}
