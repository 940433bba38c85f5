using System.Net;
using RestKv.Api.Security.Auth;
using RestKv.Testing;

namespace RestKv.Http.Tests.Auth;

/// <summary>Who guesses passwords from elsewhere, many at a time.</summary>
public sealed class GuessingTests
{
    [Fact]
    public async Task Many_at_a_time_are_no_way_around_the_limit()
    {
        var limits = new LoginLimits(new ManualClock());
        using var work = new PasswordWork(new PasswordHasher(1_000));

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(at => work.TryVerifyAsync(
            null, $"guess {at}", new LoginAttempt(limits, "ann", IPAddress.Parse($"10.0.{at % 50}.1")), default).AsTask()));

        // Ten a minute, and those whose turn it was when the tenth failed.
        Assert.InRange(answers.Count(answer => answer is false), 10, 10 + Environment.ProcessorCount);
    }

    [Fact]
    public async Task One_address_does_not_make_all_others_wait()
    {
        var limits = new LoginLimits(new ManualClock());
        using var work = new PasswordWork(new PasswordHasher(20_000));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(at => work.TryVerifyAsync(
            null, "guess", new LoginAttempt(limits, $"user {at}", IPAddress.Parse("10.0.0.1")), default).AsTask()));

        Assert.InRange(answers.Count(answer => answer is false), 1, 16);
    }

    [Fact]
    public void A_network_of_version_6_counts_as_one_address()
    {
        var limits = new LoginLimits(new ManualClock());
        for (var i = 0; i < 40; i++)
        {
            limits.Failed($"user {i}", IPAddress.Parse($"2001:db8::{i + 1:x}"));
        }

        Assert.True(limits.Delay("somebody else", IPAddress.Parse("2001:db8::ffff")) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, limits.Delay("somebody else", IPAddress.Parse("2001:db8:0:1::1")));
    }
}
